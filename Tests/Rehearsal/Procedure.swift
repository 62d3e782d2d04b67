public import Canonical
import Foundation
import OpenSSL
public import Sealing

/// A consultation driven over the API, request by request.
public final class Procedure {
    public let stage: Stage
    public let id: Identifier
    public let deadline: Instant
    public let voters: [Voter]
    public private(set) var committee: Committee?

    public var path: String { "/api/v1/consultations/\(id)" }
    public var fingerprint: Digest { committee?.fingerprint ?? .zero }

    /// A draft.
    public init(_ stage: Stage, deadlineIn seconds: Double = 3600, parts: [String] = ["offer"], voters count: Int = 3) throws {
        self.stage = stage
        deadline = try Instant(parsing: Consultation.instant(seconds: seconds))
        voters = try (1...count).map { try Voter("Membre \($0)") }
        let answer = try stage.buyer.post(
            "/api/v1/consultations",
            ["reference": "2026-T-007", "title": "Réfection du gymnase", "deadline": "\(deadline)", "parts": parts])
        guard answer.status == 201 else { throw Unexpected(answer) }
        id = try Identifier(answer["id"])
    }

    public struct Unexpected: Error, CustomStringConvertible {
        public let description: String
        public init(_ answer: Answer) { description = "\(answer)" }
        public init(_ text: String) { description = text }
    }

    @discardableResult
    public static func expect(_ status: Int, _ answer: Answer) throws -> Answer {
        guard answer.status == status else { throw Unexpected(answer) }
        return answer
    }

    // MARK: Keys

    /// The ceremony, as a buyer's tool holds it.
    public func ceremony(quorum k: Int = 2, notBefore: Instant? = nil, parts: [String] = ["offer"]) throws -> (KeySet, [Capsule]) {
        let platform = try Self.expect(200, stage.buyer.get("/api/v1/platform"))
        let certificate = { (key: String) throws -> Certificate? in
            guard let der = Data(base64Encoded: platform[key]), !der.isEmpty else { return nil }
            return try Certificate(der: Array(der))
        }
        guard let timeLock = try certificate("timeLock") else { throw Unexpected(platform) }
        return try Ceremony.make(
            consultation: id, notBefore: notBefore ?? deadline, parts: parts,
            members: voters.map { CommitteeMember(name: $0.name, certificate: $0.certificate) }, k: k, timeLock: timeLock,
            recovery: certificate("recovery"), now: Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
    }

    public func put(_ keySet: KeySet, _ capsules: [Capsule]) throws -> Answer {
        try stage.buyer.put(
            path + "/keys",
            ["keySet": Data(keySet.canonicalBytes).base64EncodedString(),
                "capsules": capsules.map { Data($0.canonicalBytes).base64EncodedString() }])
    }

    public func seal(quorum k: Int = 2, parts: [String] = ["offer"]) throws {
        let (keySet, capsules) = try ceremony(quorum: k, parts: parts)
        try Self.expect(200, put(keySet, capsules))
        committee = try Committee(keySet, capsules)
    }

    public func accept(_ number: Int) throws -> Answer {
        guard let committee else { throw Unexpected("no keys yet") }
        let signed = try voters[number - 1].member.accept(committee, fingerprint: fingerprint)
        return try stage.openers[number - 1].post(
            path + "/acceptances", ["signed": Data(signed.canonicalBytes).base64EncodedString()])
    }

    public func publish() throws -> Answer {
        try stage.buyer.post(path + "/publication", ["fingerprint": fingerprint.hex])
    }

    /// Sealed to the committee, accepted by all, published.
    public func prepare(quorum k: Int = 2, parts: [String] = ["offer"]) throws {
        try seal(quorum: k, parts: parts)
        for number in voters.indices { try Self.expect(201, accept(number + 1)) }
        try Self.expect(200, publish())
    }

    public static func published(_ stage: Stage, deadlineIn seconds: Double = 3600, quorum: Int = 2) throws -> Procedure {
        let procedure = try Procedure(stage, deadlineIn: seconds)
        try procedure.prepare(quorum: quorum)
        return procedure
    }

    /// A consultation that has closed, in which `deposits` was done in time. A machine that is too slow for the first
    /// deadline gets a later one.
    public static func closed(_ stage: Stage, quorum: Int = 2, deposits: (Procedure) throws -> Void = { _ in }) throws -> Procedure {
        var seconds = 3.0
        while true {
            let procedure = try Procedure(stage, deadlineIn: seconds)
            do {
                try procedure.prepare(quorum: quorum)
                try deposits(procedure)
            } catch where seconds >= 48 {
                throw error
            } catch {
                if !procedure.isPast { throw error }
            }
            if !procedure.isPast {
                try procedure.waitUntilClosed()
                return procedure
            }
            seconds *= 2
        }
    }

    private var isPast: Bool { Date().timeIntervalSince1970 >= Double(deadline.second) }

    public func waitUntilClosed() throws {
        let left = Double(deadline.second + 1) - Date().timeIntervalSince1970
        if left > 0 { Thread.sleep(forTimeInterval: left) }
        let until = Date(timeIntervalSinceNow: 60)
        while try stage.buyer.get(path + "/closing").status != 200 {
            if Date() > until { throw Unexpected("no closing: \(stage.instance.log)") }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}
