internal import Canonical
internal import Merkle

/// The earliest instant by which somebody other than the operator had seen something.
struct OutsideTime {
    let instant: Instant
    /// Who, and what they did: `«Notary» stamped it`.
    let words: String
}

extension Report {
    /// Signatures under a checkpoint by keys that the reader did not give: passed over, as C2SP signed-note has it, and said.
    mutating func noteStrangers(on note: Note, beside verified: VerifiedCheckpoint) {
        let known = Set(verified.signatures.map(\.key.name))
        for signature in note.signatures where !known.contains(signature.name) {
            self.note("witness", signature.name, "a signature by a key that was not given: nothing is known of it")
        }
    }

    /// Says whether anybody but the operator vouches for a time: an outside authority's token, or a witness who cosigned a
    /// checkpoint that stands for it.
    ///
    /// - Parameters:
    ///   - logged: the instant of its event.
    ///   - stamps: tokens over it that hold.
    ///   - checkpoints: of trees in which it was proved to be.
    /// - Returns: the earliest of what they say.
    @discardableResult
    mutating func checkTime(
        of subject: String, logged: Instant, stamps: [Stamp], checkpoints: [VerifiedCheckpoint]
    ) -> OutsideTime? {
        for stamp in stamps where stamp.isBefore(logged) {
            fails("stamp-order", subject, "stamped \(stamp.instant), before the event that it stamps was logged (\(logged))")
        }
        var seen = stamps.filter(\.isOutside).map { OutsideTime(instant: $0.latest, words: "«\($0.authority)» stamped it") }
        for witness in checkpoints.flatMap(\.witnesses) {
            // A cosignature has whole seconds (C2SP tlog-cosignature): it was made before the next one.
            guard let seconds = witness.seconds, (1..<Int(Instant.latest.second)).contains(seconds) else { continue }
            seen.append(
                OutsideTime(
                    instant: Instant(milliseconds: Int64(seconds) * 1000 + 999),
                    words: "the witness \(witness.key.name) had seen the log with it"))
        }
        guard let earliest = seen.min(by: { $0.instant < $1.instant }) else {
            restsOnTheOperator(
                "time", subject, "time on the operator's word: no outside authority stamped it, and no witness signed the log with it")
            return nil
        }
        holds("time", subject, "it existed by \(earliest.instant): \(earliest.words)")
        return earliest
    }
}
