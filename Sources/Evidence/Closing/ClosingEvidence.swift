import Canonical
import Merkle
import OpenSSL
import Procurement
import Sealing

/// What was given beside a statement, sorted.
struct ClosingEvidence {
    let statement: ClosingStated
    let digest: Digest
    let log: Log
    private var leaves: [(name: String, bytes: [UInt8], event: Event, bid: BidReceived)] = []
    private var lines: [(name: String, bytes: [UInt8], line: BidJudged)] = []
    private var proofs: [(name: String, proof: LogProof)] = []
    private var tokens: [(name: String, bytes: [UInt8])] = []
    private var minutes: [(name: String, minutes: OpeningMinutes)] = []
    private var extracts: [(name: String, extract: MinutesExtract)] = []

    init(_ statement: ClosingStated, digest: Digest, log: Log) {
        self.statement = statement
        self.digest = digest
        self.log = log
    }

    mutating func sort(_ given: [ClosingVerifier.Given], _ receipts: ReceiptVerifier, _ report: inout Report) {
        for file in given {
            if file.bytes.starts(with: ReceiptContainer.magic) {
                take(receipt: file, receipts, &report)
            } else if file.bytes.first == 0x30 {
                // DER's SEQUENCE, with which nothing else here begins.
                tokens.append((file.name, file.bytes))
            } else if let proof = try? LogProof(file.bytes) {
                proofs.append((file.name, proof))
            } else if let event = try? Event(canonical: file.bytes) {
                take(event, file, &report)
            } else if let signed = try? Signed(canonical: file.bytes) {
                take(signed, file, &report)
            } else {
                report.fails("file", file.name, "neither a receipt, nor an event, nor minutes, nor a log proof, nor a timestamp")
            }
        }
    }

    /// A receipt by its own chain, each line under its file's name, and then its leaf.
    private mutating func take(receipt file: ClosingVerifier.Given, _ verifier: ReceiptVerifier, _ report: inout Report) {
        let found = verifier.report(on: file.bytes)
        for check in found.checks {
            report.add(Check(check.name, of: "\(file.name): \(check.subject)", check.outcome, check.text))
        }
        guard let leaf = try? ReceiptContainer(parsing: file.bytes).leaf, let event = try? Event(canonical: leaf) else { return }
        take(event, .init(name: file.name, bytes: leaf), &report)
    }

    private mutating func take(_ event: Event, _ file: ClosingVerifier.Given, _ report: inout Report) {
        switch event.fact {
        case let bid as BidReceived where bid.consultation == statement.consultation && event.log == log:
            leaves.append((file.name, file.bytes, event, bid))
        case let line as BidJudged where line.consultation == statement.consultation && event.log == log:
            lines.append((file.name, file.bytes, line))
        default: report.fails("file", file.name, "it is of another consultation, another log, or no evidence of a closing")
        }
    }

    private mutating func take(_ signed: Signed, _ file: ClosingVerifier.Given, _ report: inout Report) {
        if let minutes = try? signed.verified(as: OpeningMinutes.self) {
            report.holds("signature", file.name, "signed by the holder of the certificate in it; that this is member \(minutes.session.announcer), the consultation's capsules say")
            self.minutes.append((file.name, minutes))
        } else if let extract = try? signed.verified(as: MinutesExtract.self) {
            report.holds("signature", file.name, "signed by the holder of the certificate in it")
            extracts.append((file.name, extract))
        } else {
            report.fails("signature", file.name, "neither minutes nor their extract, or the signature does not hold")
        }
    }

    // MARK: Bids

    func checkLeaves(_ report: inout Report) {
        let places = statement.verdicts
        var positions: [Identifier: ClosingStated.Entry] = [:]
        for entries in statement.bids.values { for entry in entries { positions[entry.bid] = entry } }
        var ordered: [(position: Int64, event: Event)] = []
        for leaf in leaves {
            let subject = "bid \(leaf.bid.bid) (\(leaf.name))"
            let isLate = statement.deadline.verdict(received: leaf.bid.received) == .late
            guard let entry = positions[leaf.bid.bid], let place = places[leaf.bid.bid] else {
                if isLate {
                    report.note("listed", subject, "not in the statement; it was received after the deadline")
                } else {
                    report.fails("listed", subject, "received in time at \(leaf.bid.received), and not in the statement")
                }
                continue
            }
            ordered.append((entry.position, leaf.event))
            if entry.leaf == Digest(of: [0] + leaf.bytes) {
                report.holds("listed", subject, "\(place.rawValue), at position \(entry.position), by its leaf hash")
            } else {
                report.fails("listed", subject, "the statement names another leaf for this bid")
            }
            if leaf.bid.verdict == .pending {
                report.note("verdict", subject, "received on a clock that was not believed; its verdict is an event of its own")
            } else if isLate == (place == .late) || place == .withdrawn {
                report.holds("verdict", subject, "received \(leaf.bid.received): \(place.rawValue)")
            } else {
                report.fails("verdict", subject, "received \(leaf.bid.received), and \(place.rawValue) in the statement")
            }
        }
        if !ordered.isEmpty {
            report.append(LeafInstants.checks(ordered.sorted { $0.position < $1.position }, of: "bids given"))
        }
    }

    func checkLines(_ report: inout Report) {
        let places = statement.verdicts
        for line in lines {
            let subject = "line of bid \(line.line.bid) (\(line.name))"
            guard line.line.statement == digest else {
                report.fails("line", subject, "it speaks of another statement")
                continue
            }
            if places[line.line.bid] == line.line.verdict, line.line.deadlineVersion == statement.deadline.version {
                report.holds("line", subject, "\(line.line.verdict.rawValue), as the statement says")
            } else {
                report.fails("line", subject, "it says \(line.line.verdict.rawValue), the statement \(places[line.line.bid]?.rawValue ?? "nothing")")
            }
        }
    }

    // MARK: Minutes

    func checkMinutes(_ report: inout Report) {
        let places = statement.verdicts
        let toOpen = statement.toOpen.map(\.bid)
        let events = Dictionary(leaves.map { ($0.bid.bid, $0.bid.keys) }) { first, _ in first }
        for (name, minutes) in minutes {
            guard minutes.statement.digest == digest,
                minutes.statement == StatementSummary(statement, digest: digest, position: minutes.statement.position),
                minutes.subject.consultation == statement.consultation, isNamed(minutes.session.keys)
            else {
                report.fails("minutes", name, "they speak of another statement, consultation or key set")
                continue
            }
            let wrong = minutes.bids.first { bid in bid.verdict != places[bid.bid, default: .late] }
            // Those under other keys of the statement are accounted for by openings of their own.
            let elsewhere = minutes.bids.filter { $0.keys != nil }
            let others = Set(elsewhere.map(\.bid))
            let toOpen = toOpen.filter { !others.contains($0) }
            let opened = minutes.bids.filter { $0.result != .withheld && $0.verdict != .late }.map(\.bid)
            let admitted = minutes.bids.count { $0.result != .withheld && $0.verdict == .late }
            let decided = minutes.decisions.count { $0.type == LateBidAdmitted.type }
            if let stray = elsewhere.first(where: { !isElsewhere($0, minutes.session.keys, events) }) {
                report.fails("minutes", name, "bid \(stray.bid) is left to other keys there, which are not its own or not of the statement")
            } else if let wrong {
                report.fails("minutes", name, "bid \(wrong.bid) is \(wrong.verdict.rawValue) there, \(places[wrong.bid]?.rawValue ?? "unlisted") in the statement")
            } else if opened != toOpen {
                report.fails("minutes", name, "the bids that they account for are not those that came in time, in log order")
            } else if admitted > decided {
                report.fails("minutes", name, "\(admitted) late bids were read there, and the buyer decided it of \(decided)")
            } else if !Set(places.keys).isSubset(of: Set(minutes.bids.map(\.bid))) {
                report.fails("minutes", name, "a bid of the statement is missing")
            } else {
                report.holds("minutes", name, "they account for each of the \(statement.count) bids of the statement, once")
                if !elsewhere.isEmpty { report.note("minutes", name, "\(elsewhere.count) are sealed to other keys, which openings of their own open") }
                if admitted > 0 { report.note("minutes", name, "\(admitted) late, read on the buyer's decision, whose event they name") }
            }
        }
        let opened = Set(minutes.map { $0.minutes.session.keys })
        for set in statement.keySets where !minutes.isEmpty && !opened.contains(set.keys) {
            report.note("minutes", "keys \(set.keys)", "no minutes of an opening of this key set are given: of bids under it nothing is said")
        }
        for (name, extract) in extracts {
            guard let full = minutes.first(where: { Digest(of: $0.minutes.canonicalBytes) == extract.minutes }) else {
                report.note("extract", name, "of minutes that are not given; of statement \(extract.statement.digest)")
                continue
            }
            if extract == MinutesExtract(of: full.minutes) {
                report.holds("extract", name, "what may be communicated of \(full.name), and nothing else")
            } else {
                report.fails("extract", name, "it does not follow from \(full.name)")
            }
        }
    }

    // MARK: Log

    /// - Returns: the checkpoints of trees that the statement was proved to be in.
    func checkProofs(of bytes: [UInt8], _ subject: String, _ keys: [VerifierKey], _ report: inout Report) -> [VerifiedCheckpoint] {
        let entries = [(subject, bytes)] + lines.map { ("line of bid \($0.line.bid)", $0.bytes) } + leaves.map { ("bid \($0.bid.bid)", $0.bytes) }
        var checkpoints: [VerifiedCheckpoint] = []
        for (name, proof) in proofs {
            var failure = "it proves none of what is given"
            var found: String?
            for (entry, content) in entries where found == nil {
                do {
                    // `sceau/<instance>/<log>`, and a generation from the second on.
                    let name = proof.checkpoint.origin.split(separator: "/")
                    guard name.count >= 3, name[2] == log.rawValue else {
                        throw EvidenceError("it is of the log \(proof.checkpoint.origin), not of a log \(log.rawValue)")
                    }
                    let checkpoint = try proof.verify(entry: content, keys: keys)
                    if entry == subject { checkpoints.append(checkpoint) }
                    report.noteStrangers(on: proof.note, beside: checkpoint)
                    found = entry
                } catch { failure = "\(error)" }
            }
            if let found {
                report.holds("log-proof", name, "\(found) is in the log of \(proof.checkpoint.origin), of \(proof.checkpoint.size) entries")
            } else {
                report.fails("log-proof", name, failure)
            }
        }
        if checkpoints.isEmpty { report.restsOnTheOperator("log-proof", subject, "no proof is given that it is in the log") }
        return checkpoints
    }

    private func isNamed(_ keys: Digest) -> Bool { statement.keySets.contains { $0.keys == keys } }

    /// Whether a bid is rightly left to another key set than the one that was opened: by its event, where that is given.
    ///
    /// - Parameter events: the keys of bids whose events are given.
    private func isElsewhere(_ bid: MinutesBid, _ opened: Digest, _ events: [Identifier: Digest]) -> Bool {
        guard let keys = bid.keys, keys != opened, isNamed(keys) else { return false }
        return events[bid.bid].map { $0 == keys } ?? true
    }

    // MARK: Time

    /// - Returns: what the tokens over the statement say, as far as they hold.
    func checkTokens(_ trust: [Certificate], _ report: inout Report) -> [Stamp] {
        let authorities = StampAuthorities(trusted: trust, instance: instance)
        return tokens.compactMap { report.checkStamp($0.bytes, over: digest, of: $0.name, by: authorities) }
    }

    /// The vault, as a log's origin or a bid's leaf among what was given names it.
    private var instance: Identifier? {
        let origin = proofs.first.map { $0.proof.checkpoint.origin.split(separator: "/") } ?? []
        return leaves.first?.bid.instance ?? (origin.count >= 3 ? try? Identifier(String(origin[1])) : nil)
    }
}
