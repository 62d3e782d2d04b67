import Canonical
import Foundation
import Linux
import OpenSSL
import Procurement
import Records
import Sealing

@testable import sceaud

/// A data folder as `sceaud init` makes it, with its configuration.
struct InitialisedFolder {
    let place: TemporaryFolder
    let token: String

    init(_ options: String = "--no-recovery") throws {
        place = try TemporaryFolder()
        token = try Initialisation(Self.arguments(data: place.path + "/data", options)).run()
    }

    static func arguments(data: String, _ options: String) throws -> Arguments {
        let words = ["init", "--data", data, "--name", "Agglomération"] + options.split(separator: " ").map(String.init)
        guard case .run(_, let arguments) = try Arguments.read(words) else { throw CocoaError(.featureUnsupported) }
        return arguments
    }

    var data: String { place.path + "/data" }
    var configuration: Configuration { get throws { try Configuration.read(data + "/sceaud.json5") } }

    /// The lines of `sceaud check`, and whether all holds.
    func check() throws -> (lines: [String], holds: Bool) {
        nonisolated(unsafe) var lines: [String] = []
        var examination = Examination(try configuration) { lines.append($0) }
        try examination.run()
        return (lines, examination.holds)
    }

    /// Puts an envelope of one document on the disk and its event into the register, without a daemon.
    ///
    /// - Returns: path of its files, without what follows the bid's identifier.
    func receive(_ document: [UInt8], receivedBefore seconds: Int64 = 0, keys: Digest = .zero) throws -> String {
        let key = try PrivateKey.generateP256()
        let part = try PartCertificate(
            part: "offer",
            certificate: Certificate.selfSigned(
                key, commonName: "offer", usage: .sealing, notBefore: 0, notAfter: 4_000_000_000))
        let fresh = { Identifier(random: try Random.sixteen()) }
        let (consultation, bid, account, user) = try (fresh(), fresh(), fresh(), fresh())
        let digest = Digest.zero
        let now = Instant(milliseconds: Clocks.realtimeMilliseconds() - 1000 * seconds)

        var table = try SegmentTable()
        var ciphertext: [UInt8] = []
        var pieces: [SealedPiece] = []
        var sealer = DocumentSealer(to: part)
        try sealer.seal(document.span) { pieces.append($0) }
        let sealed = try sealer.finish { pieces.append($0) }
        for piece in pieces {
            switch piece {
            case .ciphertext(let bytes):
                ciphertext += bytes
                try table.ciphertext(bytes.span)
            case .segmentEnd(let header, _): try table.segmentEnd(header: header)
            }
        }
        var builder = EnvelopeBuilder(
            consultation: consultation, bid: bid, keys: keys, sealedBy: .platform, depositor: account)
        try builder.add(
            part: part,
            document: ManifestDocument(
                folder: nil, name: "offre.pdf", lots: [], mediaType: nil, length: sealed.length, sha256: sealed.sha256,
                signatureOf: nil), files: table.finish())
        let envelope = try builder.finish()
        let archive = envelope.archived(
            with: Received(
                consultation: consultation, bid: bid, depositor: account, user: user, seal: envelope.seal.digest,
                intent: "unstated", bidCodeHash: digest, deadline: now, deadlineVersion: 1, started: now, firstByte: now,
                received: now, clock: "unjudged"))
        let folder = "\(data)/envelopes/\(consultation)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(ciphertext).write(to: URL(fileURLWithPath: "\(folder)/\(bid).1"))
        try Data(archive).write(to: URL(fileURLWithPath: "\(folder)/\(bid).seal"))

        let limits = Limits(document: 1, bid: 1, documents: 1)
        let received = JSON.object([
            "bid": .identifier(bid), "instance": .identifier(account), "consultation": .identifier(consultation),
            "buyer": .string("b"), "reference": .string("r"), "title": .string("t"), "timeZone": .string("Europe/Paris"),
            "deadline": .instant(now), "deadlineVersion": .integer(1), "limits": limits.json,
            "depositor": .identifier(account), "depositorName": .string("d"), "user": .identifier(user),
            "person": .digest(digest), "seal": .digest(envelope.seal.digest), "keys": .digest(keys),
            "sealedBy": .string("platform"), "intent": .string("unstated"), "documents": .integer(1),
            "bidCodeHash": .digest(digest), "verdict": .string("on-time"), "clock": .string("unjudged"),
            "started": .instant(now), "firstByte": .instant(now), "received": .instant(now), "recorded": .instant(now),
        ])
        var reader = try FieldReader(received)
        let fact = try BidReceived(from: &reader)
        let register = try Register(data: data, limits: DefaultLimits.register, try surroundings)
        defer { register.stop() }
        try register.commit { _ in
            [
                EventDraft(
                    log: .real, fact: AccountCreated(account: account, kind: .company, name: "d", registration: nil)),
                EventDraft(
                    log: .real,
                    fact: ConsultationCreated(
                        consultation: consultation, account: account, buyer: "b", user: user, reference: "r", title: "t",
                        object: nil, deadline: now, timeZone: "Europe/Paris", parts: ["offer"], limits: limits)),
                EventDraft(log: .real, fact: fact),
            ]
        }
        return "\(folder)/\(bid)"
    }

    /// The register's, with the keys that `init` made.
    var surroundings: Surroundings {
        get throws { Surroundings(clock: .system, keys: try LogKeyFiles.load(configuration)) }
    }
}
