import Foundation
import SQLite

/// A daemon of a test's own with people who speak to it by curl: a buyer, members, companies.
public final class Stage {
    public let instance: Instance
    public let buyer: Curl
    public let openers: [Curl]
    public let bidders: [Curl]

    /// - Parameters:
    ///   - limits: entries of the configuration's `limits`, as JSON5.
    ///   - settings: other entries of the configuration, as JSON5.
    ///   - data: where its data folder is to be made, if that matters.
    ///   - time: the wall clock that the daemon sees.
    public init(
        limits: String = "", settings: String = "", recovery: String? = nil, openers count: Int = 3, data: String? = nil,
        time: FakedTime? = nil
    ) throws {
        let instance = try Instance(recovery: recovery, data: data)
        self.instance = instance
        if !limits.isEmpty { try instance.configure("limits: { \(limits) },") }
        if !settings.isEmpty { try instance.configure(settings) }
        try instance.start(time: time)
        func person(_ name: String, _ role: String, _ account: String, _ siret: String) throws -> Curl {
            Curl(instance, token: try instance.addUser(name, role: role, account: account, siret: siret))
        }
        buyer = try person("Acheteuse", "buyer", "Valbourg", "21990001200011")
        openers = try (1...count).map { try person("Membre \($0)", "opener", "Valbourg", "21990001200011") }
        bidders = [
            try person("Alice", "bidder", "Alpes Béton", "55210022400011"), try person("Bob", "bidder", "Bâti Sud", "55210022400029"),
        ]
    }

    public var anyone: Curl { Curl(instance) }

    /// The register's events of a type, oldest first, as JSON.
    public func events(_ type: String) throws -> [[String: Any]] {
        let register = try Connection(path: instance.data + "/register/register.sqlite", .readOnly)
        let all = try register.all("SELECT bytes FROM event ORDER BY sequence") { Data($0.blob(0)) }
        return all.compactMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
            .filter { $0["type"] as? String == type }
    }

    /// Waits for an event that the daemon writes in its own time.
    public func awaitEvent(_ type: String, where holds: ([String: Any]) -> Bool = { _ in true }) throws -> [String: Any]? {
        let until = Date(timeIntervalSinceNow: 30)
        while true {
            if let event = try events(type).first(where: holds) { return event }
            if Date() > until { return nil }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }
}
