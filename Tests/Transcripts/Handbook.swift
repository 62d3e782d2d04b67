import Foundation
import Rehearsal
import Testing

/// `Keys/Handbook.md`: its blocks of commands, each with the heading above it, the role whose machine it is for, and what has to be so first.
struct HandbookPage {
    struct Block {
        let section: String
        let role: String
        /// `after-start`, `stopped`, `waits`, …: words behind the role.
        let marks: Set<String>
        let script: String
    }

    let blocks: [Block]

    init(_ text: String) {
        var blocks: [Block] = []
        var section = ""
        var open: (words: [String], lines: [Substring])?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let (words, lines) = open {
                if line == "```" {
                    blocks.append(
                        Block(
                            section: section, role: words.first ?? "", marks: Set(words.dropFirst()),
                            script: lines.joined(separator: "\n") + "\n"))
                    open = nil
                } else {
                    open = (words, lines + [line])
                }
            } else if line.hasPrefix("```sh ") {
                open = (line.dropFirst(6).split(separator: " ").map(String.init), [])
            } else if line.hasPrefix("## ") {
                section = String(line.dropFirst(3))
            }
        }
        self.blocks = blocks
    }
}

/// The people and machines of the handbook, each with a folder of its own.
final class HandbookStage {
    let folder: TemporaryFolder
    private(set) var instance: Instance?
    private var people: [String: Person] = [:]
    private var places: [String: URL] = [:]
    private var waiting: [(block: HandbookPage.Block, job: Job)] = []
    /// What the page's commands find in their environment.
    var variables: [String: String] = [:]

    /// Role, name and role of the user that it is in the vault.
    static let users = [
        ("admin", "Administrateur", "admin"), ("buyer", "Mairie", "buyer"), ("alice", "Alice Martin", "opener"),
        ("benoit", "Benoît Lefèvre", "opener"), ("claire", "Claire Dubois", "opener"), ("denis", "Denis Roux", "opener"),
    ]

    init() throws {
        folder = try TemporaryFolder()
        for name in ["POST", "SAFE", "BACKUPS", "SPARE", "OTHER"] {
            let path = folder.path(name.lowercased())
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            variables[name] = path
        }
        variables["KEYS"] = Checkout.path("Keys")
        variables["DATA"] = folder.path("data")
        variables["CONFIG"] = folder.path("data/sceaud.json5")
    }

    deinit { for (_, job) in waiting where job.isRunning { job.signal(SIGKILL) } }

    /// The daemon that the page has made, and its users.
    func start() throws {
        let made = try Instance(adopting: folder.path("data"))
        try made.start()
        try made.keepPort()
        instance = made
        for (role, name, kind) in Self.users { people[role] = try Person(name, role: kind, at: made) }
    }

    func person(_ role: String) throws -> Person { try #require(people[role], "nobody is \(role)") }

    func place(of role: String) throws -> URL {
        if let person = people[role] { return person.folder.url }
        if let place = places[role] { return place }
        let path = folder.path("at-" + role)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let place = URL(filePath: path)
        places[role] = place
        return place
    }

    private func environment(of role: String) throws -> [String: String] {
        let programs = URL(filePath: Checkout.binary("sceau")).deletingLastPathComponent().path(percentEncoded: false)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        var environment = variables
        environment["PATH"] = "\(programs):\(path)"
        if let person = people[role] { environment.merge(person.sceauEnvironment) { $1 } }
        return environment
    }

    @discardableResult
    func run(_ block: HandbookPage.Block) throws -> Outcome {
        let script = block.script.replacing("127.0.0.1:8443", with: "127.0.0.1:0")
        let label = "\(block.section), \(block.role)"
        if block.marks.contains("waits") {
            let name = UUID().uuidString
            let job = try Job(
                "bash", ["-euo", "pipefail", "-c", script], environment: try environment(of: block.role), folder: try place(of: block.role),
                out: folder.url.appending(path: name + ".out"), err: folder.url.appending(path: name + ".err"))
            waiting.append((block, job))
            return Outcome(status: 0, out: Data(), err: "")
        }
        let outcome = try Shell.run(
            "bash", ["-euo", "pipefail", "-c", script], environment: try environment(of: block.role), folder: try place(of: block.role),
            timeout: 600)
        guard outcome.status == 0 else { throw Shell.Failed(command: "\(label):\n\(script)", outcome: outcome) }
        return outcome
    }

    /// What was left waiting must end well.
    func join() throws {
        for (block, job) in waiting {
            let status = job.wait(seconds: 300)
            let err = (try? String(contentsOf: job.err, encoding: .utf8)) ?? ""
            guard status == 0 else {
                throw Procedure.Unexpected("\(block.section), \(block.role), ended with \(status.map { "\($0)" } ?? "nothing"):\n\(block.script)\n\(err)")
            }
        }
        waiting = []
    }

    /// What the job that waits has said on stderr so far, once it says `word`.
    func awaitWord(_ word: String, seconds: Double = 120) throws -> String {
        let until = Date(timeIntervalSinceNow: seconds)
        while Date() < until {
            for (_, job) in waiting {
                let err = (try? String(contentsOf: job.err, encoding: .utf8)) ?? ""
                if err.contains(word) { return err }
                if !job.isRunning { throw Procedure.Unexpected("it ended before it said '\(word)':\n\(err)") }
            }
            Thread.sleep(forTimeInterval: 0.2)
        }
        throw Procedure.Unexpected("nobody said '\(word)'")
    }

    /// A token that the page has made anew for a user.
    func take(token file: String, for role: String) throws {
        let path = try place(of: "host").appending(path: file)
        guard let token = try? String(contentsOf: path, encoding: .utf8) else { return }
        try person(role).folder.write("token", token)
        try FileManager.default.removeItem(at: path)
    }
}
