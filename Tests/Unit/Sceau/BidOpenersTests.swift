import Canonical
import Evidence
import Foundation
import Linux
import Sealing
import Testing

@testable import Procurement
@testable import sceau

/// A bid of one document, sealed to a sitting's keys, as a daemon keeps it.
private struct KeptBid {
    static let depositor = try! Identifier(String(repeating: "d", count: 32))

    let bid: Identifier
    let document: [UInt8]
    let ciphertext: [UInt8]
    let archive: [UInt8]
    let event: BidReceived

    init(_ sitting: Sitting, _ number: Int = 1) throws {
        let id = try Identifier(String(repeating: "b", count: 30) + (number < 10 ? "0" : "") + "\(number)")
        let plain = [UInt8](repeating: UInt8(number), count: 5000 + number)
        (bid, document) = (id, plain)
        let part = try sitting.capsules[0].partCertificate
        var sealer = DocumentSealer(to: part)
        var table = try SegmentTable()
        var pieces: [SealedPiece] = []
        try sealer.seal(plain.span) { pieces.append($0) }
        let sealed = try sealer.finish { pieces.append($0) }
        var gathered: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .ciphertext(let bytes):
                try table.ciphertext(bytes.span)
                gathered += bytes
            case .segmentEnd(let header, _): try table.segmentEnd(header: header)
            }
        }
        ciphertext = gathered
        var builder = EnvelopeBuilder(
            consultation: Sitting.id, bid: bid, keys: sitting.keySet.fingerprint, sealedBy: .platform, depositor: Self.depositor)
        try builder.add(
            part: part, document: ManifestDocument(name: "offre.pdf", length: sealed.length, sha256: sealed.sha256),
            files: table.finish())
        let envelope = try builder.finish()
        archive = envelope.archived(
            with: Received(
                consultation: Sitting.id, bid: bid, depositor: Self.depositor, user: Self.depositor,
                seal: envelope.seal.digest, intent: "unstated", bidCodeHash: .zero, deadline: Sitting.deadline,
                deadlineVersion: 1, started: Sitting.deadline, firstByte: Sitting.deadline, received: Sitting.deadline,
                clock: "sound"))
        event = Self.event(bid, envelope.seal.digest, sitting.keySet.fingerprint)
    }

    private static func event(_ bid: Identifier, _ seal: Digest, _ keys: Digest) -> BidReceived {
        BidReceived(
            instance: depositor,
            subject: .init(
                consultation: Sitting.id, buyer: "b", reference: "r", title: "t", object: nil, timeZone: "Europe/Paris",
                deadline: Sitting.deadline, deadlineVersion: 1, limits: Limits(document: 1, bid: 1, documents: 1)),
            by: .init(account: depositor, name: "d", registration: nil, user: depositor, person: seal),
            submission: Submission(
                bid: bid, seal: seal, keys: keys, sealedBy: .platform, intent: .unstated, documents: 1,
                started: Sitting.deadline, firstByte: Sitting.deadline, received: Sitting.deadline, bidCode: seal,
                outcome: nil),
            verdict: .onTime, recorded: Sitting.deadline, clock: .sound, previous: nil)
    }

    func listed(_ verdict: ClosingVerdict = .onTime) -> BidList.Bid {
        BidList.Bid(position: 1, event: event, verdict: verdict, isAdmitted: false)
    }

    /// - Parameters: how many bytes of each file are given before the connection ends.
    func files(given: Int = .max, sealGiven: Int = .max) -> [String: PlayedDaemon.File] {
        [
            "/\(bid.text)/seal": .init(bytes: archive, given: sealGiven),
            "/\(bid.text)/documents/1": .init(bytes: ciphertext, given: given),
        ]
    }
}

/// A daemon that lives, yet cannot read some files.
@Suite struct BidOpenersTests {
    private func open(
        _ sitting: Sitting, _ bids: [BidList.Bid], _ files: [String: PlayedDaemon.File], alive: Bool = true, workers: Int = 4,
        seals: PlayedDaemon.Said? = nil
    ) throws -> (bids: [MinutesBid], written: [String: [UInt8]]) {
        let daemon = try PlayedDaemon(files: files) { path, _ in
            if let seals, path.hasSuffix("/seal") { return seals }
            return alive ? sitting.openings(approvedBy: [1, 2]) : (500, "{}")
        }
        defer { daemon.end() }
        let invocation = try daemon.invocation(["open", Sitting.id.text, "--key", "k", "--out", "o"], now: Sitting.after)
        let openers = BidOpeners(
            invocation, try Daemon(invocation).access, try sitting.dossier(), sitting.opening, [try sitting.partKey()],
            try OpeningFolder(daemon.folder + "/out"), workers: workers)
        let opened = try openers.open(bids)
        var written: [String: [UInt8]] = [:]
        for bid in bids {
            let path = daemon.folder + "/out/\(bid.event.bid.text)/offer/offre.pdf"
            written[bid.event.bid.text] = FileManager.default.contents(atPath: path).map(Array.init)
        }
        return (opened, written)
    }

    private func open(given: Int, sealGiven: Int = .max, alive: Bool = true) throws -> MinutesBid {
        let sitting = try Sitting()
        let bid = try KeptBid(sitting)
        return try #require(
            open(sitting, [bid.listed()], bid.files(given: given, sealGiven: sealGiven), alive: alive).bids.first)
    }

    @Test func aWholeBidOpens() throws {
        let bid = try open(given: .max)
        #expect(bid.result == .opened && bid.documents.map(\.sha256) == [Digest(of: [UInt8](repeating: 1, count: 5001))])
    }

    @Test func aFileThatIsCutIsNamed() throws {
        let bid = try open(given: 100)
        #expect(bid.result == .failed && bid.documents.isEmpty)
        #expect(bid.cause?.hasPrefix("document 1: it is not given out whole") == true, "\(bid.cause ?? "")")
    }

    @Test func aSealThatIsCutIsNamed() throws {
        let bid = try open(given: .max, sealGiven: 100)
        #expect(bid.result == .failed && bid.cause?.hasPrefix("its seal is not given out") == true)
    }

    /// Where nothing else answers, it is the network's or the daemon's fault and no bid's.
    @Test(arguments: [1, 3]) func aDaemonThatIsGoneIsNoBidsFault(count: Int) throws {
        let sitting = try Sitting()
        let bids = try (1...count).map { try KeptBid(sitting, $0) }
        let files = bids.map { $0.files(given: 100) }.reduce(into: [:]) { $0.merge($1) { $1 } }
        let error = #expect(throws: CommandError.self) { _ = try open(sitting, bids.map { $0.listed() }, files, alive: false) }
        #expect(error?.outcome == .failed)
    }

    /// What the daemon refuses for a reason of its own ends the sitting: nobody's bid is said to have failed for it.
    @Test(arguments: [
        (429, "rate", false), (401, "unauthenticated", false), (403, "forbidden", false), (503, "busy", false), (403, "withheld", true),
        (404, "not-found", true),
    ]) func onlyItsOwnFaultIsABids(status: Int, problem: String, isOfBid: Bool) throws {
        let sitting = try Sitting()
        let bid = try KeptBid(sitting)
        let said = (status, "{\"type\":\"about/\(problem)\",\"title\":\"t\",\"status\":\(status)}")
        let opened = Result { try open(sitting, [bid.listed()], [:], seals: said).bids.first }
        switch opened {
        case .success(let entry): #expect(isOfBid && entry?.result == .failed)
        case .failure: #expect(!isOfBid)
        }
    }

    /// However many open them: the same entries in the same order, the same files, and each fault is its own bid's.
    @Test(arguments: [1, 4]) func bidsAreOpenedSideBySide(workers: Int) throws {
        let sitting = try Sitting()
        let bids = try (1...9).map { try KeptBid(sitting, $0) }
        var files = bids.map { $0.files() }.reduce(into: [:]) { $0.merge($1) { $1 } }
        files.merge(bids[1].files(sealGiven: 100)) { $1 }
        files.merge(bids[5].files(given: 100)) { $1 }
        var listed = bids.map { $0.listed() }
        listed[0] = bids[0].listed(.withdrawn)
        listed[7] = bids[7].listed(.late)
        let (opened, written) = try open(sitting, listed, files, workers: workers)
        #expect(opened.map(\.bid) == bids.map(\.bid))
        #expect(
            opened.map(\.result) == [.withheld, .failed, .opened, .opened, .opened, .failed, .opened, .withheld, .opened])
        for (index, bid) in bids.enumerated() {
            #expect(written[bid.bid.text] == (opened[index].result == .opened ? bid.document : nil))
        }
    }

    /// Two bids with one manifest: the second of the list is the copy, whoever is faster.
    @Test func turnsAreTakenInTheOrderOfTheList() throws {
        let daemon = try PlayedDaemon { _, _ in (200, "{}") }
        defer { daemon.end() }
        let invocation = try daemon.invocation(["open", Sitting.id.text, "--key", "k", "--out", "o"], now: Sitting.after)
        let sitting = OpeningSitting(invocation, count: 8)
        let order = Monitor<[Int]>([])
        let threads = try (0..<8).reversed().map { place in
            try OSThread.start(name: "turn") {
                sitting.turn(place, length: 1) { seen in
                    let isFirst = seen.insert(.zero).inserted
                    order.change { $0.append(isFirst ? -1 : place) }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(order.change { $0 } == [-1, 1, 2, 3, 4, 5, 6, 7])
    }
}
