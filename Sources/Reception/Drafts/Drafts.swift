import Canonical
import Linux
import Procurement
import Sealing

/// The drafts that this process has in hand: which uploads are under way, what was promised to them, and where their
/// documents stood last. What is durable of a draft is in its files and in the register.
final class Drafts: Sendable {
    /// The documents of a draft: number → announced length, and the highest number ever given.
    struct Summary: Sendable {
        var lengths: [Int: Int64] = [:]
        var last = 0
        var total: Int64 { lengths.values.reduce(0, +) }
    }

    private struct Room {
        let account: Identifier
        /// Promised and not yet written.
        var bytes: Int64
        /// Monotonic milliseconds.
        var used: Int64
    }

    private struct State {
        /// Drafts that somebody is changing as a whole.
        var busy: Set<Identifier> = []
        /// Requests of an account that wait for another of its own.
        var waiting: [Identifier: Int] = [:]
        var uploads: [Upload.Place: Upload] = [:]
        var known: [Upload.Place: DraftDocument.Standing] = [:]
        /// After a failure: where to go back to before anything else.
        var failed: [Upload.Place: DraftDocument.Standing] = [:]
        var rooms: [Upload.Place: Room] = [:]
        var summaries: [Identifier: Summary] = [:]
    }

    /// Documents whose place is remembered; the others' journals are read again.
    private static let mostKnown = 20_000
    /// Room that nobody wrote to for so long is given back.
    static let idle: Int64 = 3_600_000
    /// How long a request waits for another of the same draft. Longer than a submission of ten thousand documents takes.
    private static let patience: Int64 = 30_000
    /// Requests of one account that may wait so: each holds a thread, and there are few.
    static let mostWaiting = 2

    let store: DraftStore
    private let reservations: Reservations
    private let state = Monitor(State())

    init(store: DraftStore, reservations: Reservations) {
        self.store = store
        self.reservations = reservations
    }

    // MARK: One at a time

    /// Holds a draft for one change; the same draft's other changes wait. Blocks.
    func hold(_ bid: Identifier, for account: Identifier) throws(Refusal) {
        try wait(for: account) { $0.busy.insert(bid).inserted ? true : nil }
    }

    /// - Parameter ready: whether it is this request's turn.
    private func wait(for account: Identifier, until ready: (inout State) -> Bool?) throws(Refusal) {
        let isReady: Bool? = state.change { state in
            if ready(&state) == true { return true }
            guard state.waiting[account, default: 0] < Self.mostWaiting else { return nil }
            state.waiting[account, default: 0] += 1
            return false
        }
        var isDone = isReady == true
        if isReady == false {
            isDone = state.wait(milliseconds: Self.patience, for: ready) == true
            state.change { state in
                let left = state.waiting[account, default: 1] - 1
                state.waiting[account] = left > 0 ? left : nil
            }
        }
        guard isDone else { throw Refusal(.busy, "Another request of this draft is still being answered.") }
    }

    func waiting(of account: Identifier) -> Int { state.change { $0.waiting[account] ?? 0 } }

    func letGo(_ bid: Identifier) { state.change { _ = $0.busy.remove(bid) } }

    func holding<Result>(_ bid: Identifier, for account: Identifier, _ body: () throws -> Result) throws -> Result {
        try hold(bid, for: account)
        defer { letGo(bid) }
        return try body()
    }

    // MARK: Uploads under way

    /// Ends what is under way for a document, and waits until it is on the disk. Blocks.
    func takeOver(_ place: Upload.Place) throws(Refusal) {
        guard let upload = state.change({ $0.uploads[place] }) else { return }
        upload.takeOver()
        try wait(for: upload.start.principal.account) { $0.uploads[place] === upload ? nil : true }
    }

    func begin(_ upload: Upload) { state.change { $0.uploads[upload.start.place] = upload } }

    /// - Parameter hasFailed: what its files hold past the place where they were settled last is not known.
    func ended(_ upload: Upload, hasFailed: Bool) {
        let place = upload.start.place
        let document = upload.document
        let grown = max(0, (hasFailed ? document.settled : document.mark).offset - upload.before.offset)
        let released = state.change { state -> Int64 in
            state.uploads[place] = nil
            if state.known.count >= Self.mostKnown { state.known.removeAll() }
            if hasFailed {
                state.known[place] = nil
                state.failed[place] = DraftDocument.Standing(line: document.line, mark: document.settled)
            } else {
                state.known[place] = document.standing
            }
            guard var room = state.rooms[place] else { return 0 }
            let released = min(grown, room.bytes)
            room.bytes -= released
            room.used = Clocks.monotonicMilliseconds()
            state.rooms[place] = room.bytes > 0 ? room : nil
            return released
        }
        reservations.release(released, uploads: 1, of: upload.start.principal.account)
    }

    /// Uploads of a draft that are under way.
    func uploads(of bid: Identifier) -> [Upload.Place] { state.change { state in state.uploads.keys.filter { $0.bid == bid } } }

    // MARK: Room

    /// Promises the rest of a document, where it is not promised yet.
    func reserve(_ rest: Int64, for place: Upload.Place, of account: Identifier, room: Reservations.Room) throws(Refusal) {
        guard state.change({ $0.rooms[place] }) == nil, rest > 0 else { return }
        try reservations.reserve(rest, uploads: 0, for: account, room: room)
        state.change { $0.rooms[place] = Room(account: account, bytes: rest, used: Clocks.monotonicMilliseconds()) }
    }

    func release(_ place: Upload.Place) {
        let room = state.change { state -> Room? in
            state.known[place] = nil
            state.failed[place] = nil
            return state.rooms.removeValue(forKey: place)
        }
        if let room { reservations.release(room.bytes, uploads: 0, of: room.account) }
    }

    /// The document is no more.
    func forget(_ place: Upload.Place) {
        release(place)
        state.change { _ = $0.summaries[place.bid]?.lengths.removeValue(forKey: place.number) }
    }

    /// Gives back what was promised and not used for an hour.
    func releaseIdle(now: Int64 = Clocks.monotonicMilliseconds()) {
        let idle = state.change { state in
            let idle = state.rooms.filter { now - $0.value.used >= Self.idle && state.uploads[$0.key] == nil }
            for place in idle.keys { state.rooms[place] = nil }
            return idle
        }
        for room in idle.values { reservations.release(room.bytes, uploads: 0, of: room.account) }
    }

    // MARK: Documents

    /// Read from the disk once, then kept. The draft is held.
    func summary(of bid: Identifier, in folder: DurableFolder) throws -> Summary {
        if let known = state.change({ $0.summaries[bid] }) { return known }
        let listing = try store.listing(of: folder)
        var summary = Summary(last: listing.last)
        for number in listing.numbers {
            // One whose first line is not whole was never made; its number is used up.
            summary.lengths[number] = try DraftJournal.announced(number, in: folder)?.length
        }
        let found = summary
        state.change { state in
            if state.summaries.count >= Self.mostKnown { state.summaries.removeAll() }
            state.summaries[bid] = found
        }
        return summary
    }

    /// A new document of a draft that is held.
    func note(_ line: DraftDocumentLine) {
        state.change { state in
            guard var summary = state.summaries[line.bid] else { return }
            summary.lengths[line.number] = line.length
            summary.last = max(line.number, summary.last)
            state.summaries[line.bid] = summary
        }
    }

    /// A number that was tried: no other document gets it.
    func note(used number: Int, of bid: Identifier) {
        state.change { state in
            let last = state.summaries[bid]?.last ?? 0
            state.summaries[bid]?.last = max(number, last)
        }
    }

    /// How a document stands, for who does not go on with it: one that is being uploaded is left alone, and stands where its
    /// request found it. The draft is held.
    func standing(of place: Upload.Place, in folder: DurableFolder) throws -> DraftDocument.Standing? {
        if let upload = state.change({ $0.uploads[place] }) {
            return DraftDocument.Standing(line: upload.document.line, mark: upload.before)
        }
        if let known = state.change({ $0.known[place] }) { return known }
        return try open(place, in: folder)?.standing
    }

    /// A document to go on with, that nobody uploads. The draft is held.
    ///
    /// - Returns: nil where there is none of this number.
    func open(_ place: Upload.Place, in folder: DurableFolder) throws -> DraftDocument? {
        // Opening repairs, which would cut a writer's file under its hands.
        guard state.change({ $0.uploads[place] }) == nil else { throw Refusal(.busy) }
        if let failed = state.change({ $0.failed[place] }) {
            let document = try DraftDocument.open(failed.line, backAt: failed.mark, in: folder)
            state.change { state in
                state.failed[place] = nil
                state.known[place] = document.standing
            }
            return document
        }
        if let known = state.change({ $0.known[place] }),
            let document = try? DraftDocument.open(known.line, at: known.mark, in: folder)
        {
            return document
        }
        guard try folder.exists(DraftStore.journalName(place.number)) else { return nil }
        guard let document = try DraftDocument.open(place.number, in: folder) else { return nil }
        state.change { $0.known[place] = document.standing }
        return document
    }
}
