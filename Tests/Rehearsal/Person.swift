public import Foundation

/// Someone with a token who works with `sceau`, with pins and memory of their own, as on a machine of their own.
public final class Person {
    public let name: String
    public let instance: Instance
    public let folder: TemporaryFolder
    /// The member's key file, if this is a member of a committee.
    public private(set) var key: String?

    public init(_ name: String, role: String, at instance: Instance, account: String? = nil, siret: String? = nil) throws {
        self.name = name
        self.instance = instance
        folder = try TemporaryFolder()
        let token = try instance.addUser(name, role: role, account: account, siret: siret)
        try folder.write("token", token + "\n")
    }

    /// The one that lies in its file now.
    public var token: String {
        ((try? String(contentsOfFile: folder.path("token"), encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
    public var certificate: String { folder.path("member.crt") }
    public var curl: Curl { Curl(instance, token: token) }

    /// Makes this person's member key, unencrypted: tests type no passphrase.
    public func makeKey() throws {
        let path = folder.path("member.pem")
        try Shell.check(Checkout.binary("sceau"), ["key", "new", "--name", name, "--out", path, "--unencrypted"])
        key = path
    }

    /// Runs `sceau` as this person.
    public func sceau(
        _ arguments: [String], environment: [String: String] = [:], stdin: Data? = nil, timeout: Double = 180
    ) throws -> Outcome {
        let environment = sceauEnvironment.merging(environment) { $1 }
        if let time = instance.time {
            return try time.run(
                Checkout.binary("sceau"), arguments, environment: environment, stdin: stdin, folder: folder.url, timeout: timeout)
        }
        return try Shell.run(
            Checkout.binary("sceau"), arguments, environment: environment, stdin: stdin, folder: folder.url, timeout: timeout)
    }

    /// As `sceau`, and throws unless it succeeds; gives what it printed.
    @discardableResult
    public func sceauChecked(_ arguments: [String], timeout: Double = 180) throws -> String {
        let outcome = try sceau(arguments, timeout: timeout)
        guard outcome.status == 0 else {
            throw Shell.Failed(command: "\(name): sceau \(arguments.joined(separator: " "))", outcome: outcome)
        }
        return outcome.line
    }

    /// Starts `sceau` as this person and does not wait.
    public func startSceau(_ arguments: [String], label: String) throws -> Job {
        func start(_ clock: [String: String]) throws -> Job {
            try Job(
                Checkout.binary("sceau"), arguments, environment: sceauEnvironment.merging(clock) { $1 }, folder: folder.url,
                out: folder.url.appending(path: "\(label).out"), err: folder.url.appending(path: "\(label).err"))
        }
        return try instance.time.map { try $0.start(start) } ?? start([:])
    }

    public var sceauEnvironment: [String: String] {
        [
            "SCEAU_URL": instance.url, "SCEAU_CA": instance.ca, "SCEAU_TOKEN_FILE": folder.path("token"),
            "SCEAU_HOME": folder.path("home"),
        ]
    }
}
