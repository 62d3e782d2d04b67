import Foundation

/// A re-share of a story's consultation: announced by a member with `sceau share renew`, approved by others.
public final class Renewal {
    private let consultation: Consultation
    private let members: [Person]
    private let quorum: Int
    /// Of the set that is dealt anew, where there are several.
    private let keys: [String]

    public init(_ consultation: Consultation, to members: [Person], quorum: Int = 2, keys: String? = nil) {
        self.keys = keys.map { ["--fingerprint", $0] } ?? []
        self.consultation = consultation
        self.members = members
        self.quorum = quorum
    }

    /// What `sceau share renew` was started with.
    public var arguments: [String] {
        ["share", "renew", consultation.id, "--quorum", String(quorum)] + members.flatMap { ["--member", $0.certificate] } + keys
    }

    public func run(by announcer: Person, approvedBy others: [Person], timeout: Double = 180) throws -> Outcome {
        let job = try start(by: announcer, timeout: timeout)
        let committee = try digest(while: job, timeout: timeout)
        for member in others {
            try member.sceauChecked(
                ["share", "approve", consultation.id, "--key", member.key ?? "", "--to-committee", committee ?? ""] + keys)
        }
        return try end(job, timeout: timeout)
    }

    public func start(by announcer: Person, timeout: Double = 180) throws -> Job {
        try announcer.startSceau(
            arguments + ["--key", announcer.key ?? "", "--wait", String(Int(timeout))],
            label: "renewal-\(UUID().uuidString.prefix(8))")
    }

    public func end(_ job: Job, timeout: Double = 180) throws -> Outcome {
        guard let status = job.wait(seconds: timeout) else {
            job.signal(SIGKILL)
            throw Shell.Failed(command: arguments.joined(separator: " "), outcome: nil)
        }
        return Outcome(
            status: status, out: try Data(contentsOf: job.out), err: try String(contentsOf: job.err, encoding: .utf8))
    }

    /// The digest of the committee, as the announcer's tool says it; nil where the tool ends first.
    public func digest(while job: Job, timeout: Double = 180) throws -> String? { try Self.digest(while: job, timeout: timeout) }

    public static func digest(while job: Job, timeout: Double = 180) throws -> String? {
        let until = Date(timeIntervalSinceNow: timeout)
        while Date() < until {
            let said = (try? String(contentsOf: job.err, encoding: .utf8)) ?? ""
            if let match = said.firstMatch(of: #/committee ([0-9a-f]{64})/#) { return String(match.1) }
            if job.wait(seconds: 0.1) != nil { return nil }
        }
        return nil
    }

    /// All of the new committee.
    public func accept() throws {
        for member in members {
            try member.sceauChecked(
                ["share", "accept", consultation.id, "--key", member.key ?? "", "--fingerprint", consultation.fingerprint])
        }
    }
}
