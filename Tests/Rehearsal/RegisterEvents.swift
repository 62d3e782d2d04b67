import Foundation
import SQLite

/// The events of an instance's register, as JSON.
public struct RegisterEvents {
    private let instance: Instance

    public init(_ instance: Instance) throws { self.instance = instance }

    /// Oldest first.
    public func of(_ type: String) throws -> [[String: Any]] {
        let register = try Connection(path: instance.data + "/register/register.sqlite", .readOnly)
        return try register.all("SELECT bytes FROM event ORDER BY sequence") { Data($0.blob(0)) }
            .compactMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
            .filter { $0["type"] as? String == type }
    }
}
