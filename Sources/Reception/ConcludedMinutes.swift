import Canonical
import Evidence
import Sealing

/// Of minutes of whatever version, what the register must know.
struct ConcludedMinutes {
    let consultation: Identifier
    /// Digest of the opening object.
    let opening: Digest
    let statement: Digest
    let fingerprint: Digest
    let opened: [Identifier]
    let failed: [Identifier]

    init(_ bytes: [UInt8], extract: [UInt8]?, of committee: Committee, announcer: Int) throws {
        let signed = try Signed(canonical: bytes)
        guard let extract else {
            let minutes = try committee.minutes(signed, announcer: announcer)
            consultation = minutes.consultation
            opening = minutes.opening
            statement = minutes.closing
            fingerprint = minutes.fingerprint
            opened = minutes.bids.filter { $0.result == .opened }.map(\.bid)
            failed = minutes.bids.filter { $0.result == .failed }.map(\.bid)
            return
        }
        let minutes = try committee.statement(signed, by: announcer, as: OpeningMinutes.self)
        let communicable = try committee.statement(
            Signed(canonical: extract), by: announcer, as: MinutesExtract.self)
        // What is communicated follows from the minutes: nothing is added for the public, nothing changed.
        guard communicable == MinutesExtract(of: minutes) else {
            throw CanonicalError(reason: "the extract is not that of the minutes")
        }
        consultation = minutes.subject.consultation
        opening = minutes.session.digest
        statement = minutes.statement.digest
        fingerprint = minutes.session.fingerprint
        opened = minutes.bids.filter { $0.result == .opened }.map(\.bid)
        failed = minutes.bids.filter { $0.result == .failed }.map(\.bid)
    }
}
