public import Foundation

/// A consultation of a story, with what its people do with it.
public final class Consultation {
    public let id: String
    public let deadline: String
    public internal(set) var fingerprint = ""
    public let cast: Cast

    init(id: String, deadline: String, cast: Cast) {
        self.id = id
        self.deadline = deadline
        self.cast = cast
    }

    public var path: String { "/api/v1/consultations/\(id)" }

    /// The ceremony, by the buyer.
    public func seal(to members: [Person], quorum: Int = 2) throws {
        fingerprint = try cast.buyer.sceauChecked(
            ["consultation", "seal", id, "--quorum", String(quorum)] + members.flatMap { ["--member", $0.certificate] })
    }

    public func accept(_ member: Person) throws {
        try member.sceauChecked(["share", "accept", id, "--key", member.key ?? "", "--fingerprint", fingerprint])
    }

    /// A whole second, so many from now, as an instant of the API.
    public static func instant(seconds: Double, after now: Date = Date()) -> String {
        let second = Int64((now.timeIntervalSince1970 + seconds).rounded(.up))
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: false)
        return style.format(Date(timeIntervalSince1970: Double(second))).dropLast() + ".000Z"
    }

    /// Waits until the deadline's second is over and the daemon has closed the consultation.
    ///
    /// - Throws: when the closing statement is not there a minute after the deadline.
    public func waitUntilClosed() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let closes = try style.parse(deadline).timeIntervalSince1970 + 1
        let left = closes - cast.instance.now.timeIntervalSince1970
        if left > 0 { Thread.sleep(forTimeInterval: left) }
        let until = Date(timeIntervalSinceNow: 60)
        while true {
            let answer = try cast.buyer.curl.get(path + "/closing")
            if answer.status == 200 { return }
            if Date() > until {
                throw Instance.Unready(description: "no closing statement: \(answer)\n\(cast.instance.log)")
            }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }

    /// Opens with the quorum: the first member announces with `sceau open`, the others approve once it is announced.
    ///
    /// - Returns: the outcome of `sceau open`, and the folder that it wrote into.
    ///
    /// - Parameter keys: the fingerprint of the set that is opened, where there are several.
    public func open(
        by opener: Person, approvedBy others: [Person], parts: [String] = [], keys: String? = nil, timeout: Double = 180
    ) throws -> (Outcome, URL) {
        let out = opener.folder.url.appending(path: "opened-\(UUID().uuidString.prefix(8))")
        let before = try openings()
        let job = try opener.startSceau(
            ["open", id, "--key", opener.key ?? "", "--out", out.path(percentEncoded: false), "--wait", String(Int(timeout))]
                + parts.flatMap { ["--part", $0] } + (keys.map { ["--fingerprint", $0] } ?? []),
            label: out.lastPathComponent)
        if let announced = try announced(apartFrom: before, while: job, timeout: timeout) {
            for member in others {
                try member.sceauChecked(["share", "approve", id, "--key", member.key ?? "", "--opening", announced]
                    + (keys.map { ["--fingerprint", $0] } ?? []))
            }
        }
        guard let status = job.wait(seconds: timeout) else {
            job.signal(SIGKILL)
            throw Shell.Failed(command: "sceau open \(id)", outcome: nil)
        }
        let outcome = Outcome(
            status: status, out: try Data(contentsOf: job.out), err: try String(contentsOf: job.err, encoding: .utf8))
        return (outcome, out)
    }

    /// The identifiers of the openings that were announced.
    public func openings() throws -> Set<String> {
        let answer = try cast.buyer.curl.get(path + "/openings")
        let list = answer.json["openings"] as? [[String: Any]] ?? []
        return Set(list.compactMap { $0["opening"] as? String })
    }

    /// The opening that `job` announces, or nil if it ends first.
    private func announced(apartFrom before: Set<String>, while job: Job, timeout: Double) throws -> String? {
        let until = Date(timeIntervalSinceNow: timeout)
        while Date() < until {
            if let new = try openings().subtracting(before).first { return new }
            if job.wait(seconds: 0.1) != nil { return nil }
        }
        return nil
    }
}
