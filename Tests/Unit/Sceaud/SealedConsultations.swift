import Canonical
import Foundation
import OpenSSL
import Procurement
import Records
import Sealing

@testable import sceaud

extension InitialisedFolder {
    /// Consultations whose keys were made for this vault's time-lock and recovery certificates, put there without a daemon.
    ///
    /// - Returns: a capsule of each.
    func seal(_ count: Int) throws -> [Capsule] {
        let configuration = try configuration
        let timeLock = try HostKeyRing.certificate(configuration.timeLock.certificate, .timeLock)
        let recovery = try configuration.recovery.map { try RecoveryCertificate.read($0, now: nil) }
        let now = Instant(milliseconds: Int64(Date().timeIntervalSince1970) * 1000)
        let members = try ["Alice", "Bruno"].map { name in
            CommitteeMember(
                name: name,
                certificate: try Certificate.selfSigned(
                    PrivateKey.generateP256(), commonName: name, usage: .member, notBefore: 0, notAfter: 4_000_000_000))
        }
        let register = try Register(data: data, limits: DefaultLimits.register, surroundings)
        defer { register.stop() }
        // As a start records it.
        try register.commit { _ in [EventDraft(log: .real, fact: HostKeyAdded(kind: .timeLock, certificate: Digest(timeLock), notAfter: Instant(milliseconds: timeLock.notAfter * 1000)))] }
        return try (0..<count).map { number in
            let fresh = { Identifier(random: try Random.sixteen()) }
            let (consultation, user, account) = try (fresh(), fresh(), fresh())
            let deadline = now.advanced(bySeconds: 86_400)
            let made = try Ceremony.make(
                consultation: consultation, notBefore: deadline, parts: ["offer"], members: members, k: 1, timeLock: timeLock, recovery: recovery,
                now: now)
            let capsule = made.capsules[0]
            try register.commit { transaction in
                [
                    EventDraft(log: .real, fact: AccountCreated(account: account, kind: .holder, name: "b", registration: nil)),
                    EventDraft(
                        log: .real,
                        fact: ConsultationCreated(
                            consultation: consultation, account: account, buyer: "b", user: user, reference: "R-\(number)", title: "t",
                            object: nil, deadline: deadline, timeZone: "Europe/Paris", parts: ["offer"],
                            limits: Limits(document: 1, bid: 1, documents: 1))),
                    EventDraft(
                        log: .real,
                        fact: KeysSet(
                            consultation: consultation, user: user, fingerprint: try transaction.keep(made.keySet.canonicalBytes), k: 1, n: 2,
                            notBefore: deadline,
                            parts: [
                                .init(
                                    part: "offer", certificate: Digest(capsule.certificate), capsule: try transaction.keep(capsule.canonicalBytes),
                                    secret: capsule.platformDigest)
                            ])),
                ]
            }
            return capsule
        }
    }
}
