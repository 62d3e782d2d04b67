public import Canonical
import Foundation
import OpenSSL
import Sealing

extension Session {
    /// Announces, has members 1 and 2 approve, and reads every bid that is not withheld, as the opener's tool would.
    ///
    /// - Returns: SHA-256 of each bid's first document.
    public static func openAll(_ procedure: Procedure) throws -> [Identifier: Digest] {
        let session = try Session(procedure)
        try Procedure.expect(201, session.announce())
        for number in [1, 2] { try Procedure.expect(201, session.approve(number)) }
        return try session.readAll()
    }

    /// The wrong shares' members, once the part's key was rebuilt from what is released.
    public func rebuild() throws -> [Int] { try withPartKey { $0.wrongShares.map(\.number) } }

    private func withPartKey<Result>(_ body: (borrowing PartKey) throws -> Result) throws -> Result {
        let release = try Procedure.expect(200, release())
        let approvals = release.json["approvals"] as? [[String: Any]] ?? []
        let shares = approvals.compactMap { approval -> OpeningSession.ReceivedShare? in
            guard let number = approval["number"] as? Int, let share = (approval["shares"] as? [[String: Any]])?.first?["share"] as? String,
                let bytes = Data(base64Encoded: share)
            else { return nil }
            return .init(number: number, share: Array(bytes))
        }
        let secret = (release.json["parts"] as? [[String: Any]])?.first?["secret"] as? String
        guard let capsule = procedure.committee?.capsule("offer"), let sealed = secret.flatMap({ Data(base64Encoded: $0) })
        else { throw Procedure.Unexpected(release) }
        return try body(try session.partKey(capsule, shares: shares, secret: Array(sealed)))
    }

    private func readAll() throws -> [Identifier: Digest] {
        try withPartKey { key in
            let opener = procedure.stage.openers[announcer - 1]
            let listed = try Procedure.expect(200, opener.get(path + "/bids")).json["bids"] as? [[String: Any]] ?? []
            var seen: Set<Digest> = []
            var read: [Identifier: Digest] = [:]
            for entry in listed where entry["withheld"] as? Bool == false {
                guard let text = entry["event"] as? String, let bytes = Data(base64Encoded: text),
                    let event = try JSONSerialization.jsonObject(with: bytes) as? [String: Any],
                    let depositor = event["depositor"] as? String, let seal = event["seal"] as? String, let bid = event["bid"] as? String
                else { throw Procedure.Unexpected("an event of another form: \(entry)") }
                let archive = try Procedure.expect(200, opener.get(path + "/bids/\(bid)/seal")).body
                let document = try Procedure.expect(200, opener.get(path + "/bids/\(bid)/documents/1")).body
                let reader = try EnvelopeReader(
                    .init(
                        bid: Identifier(bid), consultation: procedure.id, depositor: Identifier(depositor), seal: Digest(hex: seal),
                        keys: procedure.fingerprint), archive: Array(archive))
                let manifest = try reader.manifest(key, seen: &seen)
                var rest = document[...]
                try reader.read(document: 1, of: manifest, with: key) { max in
                    defer { rest = rest.dropFirst(max) }
                    return Array(rest.prefix(max))
                } to: { _ in }
                read[try Identifier(bid)] = manifest.documents[0].sha256
            }
            return read
        }
    }
}
