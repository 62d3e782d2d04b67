import Canonical
import Client
import Foundation
import Sealing

/// A bid that is sealed here and sent as ciphertext.
///
/// Its ciphertext is written down first: a segment's key is forgotten with the segment, so what was sent could not be made again,
/// and an upload that is resumed must go on with the same bytes.
struct SealedDeposit {
    private let invocation: Invocation
    private let daemon: Daemon
    private let id: Identifier
    private let store: UnfinishedBids

    init(_ invocation: Invocation, _ daemon: Daemon, _ id: Identifier, words: [String]) throws(CommandError) {
        self.invocation = invocation
        self.daemon = daemon
        self.id = id
        store = UnfinishedBids(try invocation.home(), of: id, words: ["sealed"] + words)
    }

    /// Seals files into this tool's home, sends them, and keeps of it what the receipt needs.
    func deposit(_ files: [BidFile], _ keys: DepositKeys) throws(CommandError) -> Outcome {
        try keys.checkForSealing(invocation)
        let lock = try store.lock()
        defer { withExtendedLifetime(lock) {} }
        let home = try invocation.home()
        let states = files.map(UnfinishedBid.File.init)
        if let begun = try store.load() {
            let place = try Self.place(begun.bid, in: home)
            if begun.files == states, SealedFolder.isWhole(place), try SealedFolder(place).envelope.seal.keys == keys.fingerprint {
                let (bid, _) = try open(begun.bid)
                return try finish(bid, at: place)
            }
            invocation.terminal.note("what was begun at \(begun.begun) was not sealed whole, or its files were changed: sealing anew")
            Self.remove(place)
            // Best effort: what stays of it there expires.
            _ = try? daemon.exchange("DELETE", ["bids", begun.bid.text], fields: [("Bid-Code", begun.code.text)])
            try store.remove()
        }
        var (bid, depositor) = try open(Identifier.random())
        let place = try Self.place(bid.bid, in: home)
        try Self.seal(invocation, files, keys, bid: bid.bid, for: depositor, at: place)
        bid.files = states
        try store.keep(bid)
        return try finish(bid, at: place)
    }

    private func finish(_ bid: UnfinishedBid, at place: String) throws(CommandError) -> Outcome {
        let outcome = try send(SealedFolder(place), as: bid)
        Self.remove(place)
        return outcome
    }

    /// The draft of this number: its state is on this disk before it is asked for.
    ///
    /// - Returns: also the account that deposits.
    func open(_ number: Identifier) throws(CommandError) -> (UnfinishedBid, depositor: Identifier) {
        var code: Identifier?
        if let text = try BidCode.asked(invocation) { code = try invocation.identifier(text, "a bid code") }
        let bid: UnfinishedBid
        if let begun = try store.load(), begun.bid == number, code == nil || code == begun.code {
            invocation.terminal.note("going on with the bid begun at \(begun.begun)")
            bid = begun
        } else {
            let made = try Identifier.random()
            bid = UnfinishedBid(consultation: id, bid: number, code: code ?? made, begun: invocation.now, files: [])
            try store.keep(bid)
        }
        return (bid, try DraftUpload(invocation, daemon, bid, isSealed: true).open())
    }

    func send(_ folder: SealedFolder, as bid: UnfinishedBid) throws(CommandError) -> Outcome {
        let seal = folder.envelope.seal
        let upload = try DraftUpload(invocation, daemon, bid, isSealed: true)
        try folder.check(depositor: upload.open())
        switch try upload.read().state {
        case "dropped": throw .refused("the draft of this bid was dropped", hint: "seal it again")
        case "submitted": break
        default:
            let items = seal.documents.enumerated().map { index, document in
                DraftUpload.Item(path: "\(folder.path)/\(index + 1)", part: document.part, metadata: [], length: document.length)
            }
            _ = try upload.fill(items, items.count == 1 ? "1 sealed document" : "\(items.count) sealed documents")
        }
        let query = invocation.value("intent").map { "intent=" + Call.path([$0]).dropFirst() } ?? ""
        let answer = try upload.submit(folder.archive, type: "application/zip", query: query)
        let home = try invocation.home()
        try UnfinishedBids.keep(code: bid.code, of: bid.bid, in: home)
        try KeptManifests.keep(folder, in: home)
        let check = ReceiptCheck(invocation, id)
        let receipt = try check.show(answer)
        guard receipt.consultation == id, receipt.bid == seal.bid, receipt.seal == seal.digest, receipt.sealedBy == "bidder" else {
            throw CommandError(
                "the receipt is not about what was sent: consultation, bid or seal (\(seal.digest.hex)) differ",
                hint: "keep the receipt, and tell the buyer at once", .refused)
        }
        // Asked before, and now said in writing: in a manifest of another account the bid would be taken for a copy.
        try folder.check(depositor: receipt.depositor)
        check.judge(receipt)
        try store.remove()
        return .done
    }

    // MARK: Sealing

    static func seal(
        _ invocation: Invocation, _ files: [BidFile], _ keys: DepositKeys, bid: Identifier, for depositor: Identifier, at path: String
    ) throws(CommandError) {
        let candidate = try invocation.value("candidate").map { (path) throws(CommandError) in try CandidateFile.read(path) }
        let order = SealedFolder.Order(
            files: files, part: try keys.certificate(of: invocation.value("part")), keys: keys.fingerprint,
            consultation: keys.consultation, bid: bid, depositor: depositor, lots: invocation.values("lots"), candidate: candidate)
        let progress = invocation.progress("sealing", total: files.reduce(0) { $0 + $1.length })
        defer { progress.finish() }
        try SealedFolder.make(order, at: path, progress: progress)
    }

    private static func place(_ bid: Identifier, in home: Home) throws(CommandError) -> String {
        try UnfinishedBids.using(home, "sealed") { _ in }
        return "\(home.path)/sealed/\(bid)"
    }

    /// Ciphertext that nobody needs any more.
    private static func remove(_ place: String) { try? FileManager.default.removeItem(atPath: place) }
}
