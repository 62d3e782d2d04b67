public import Canonical
public import Linux
import OpenSSL
public import Procurement
public import Records
public import Sealing
import Synchronization

/// The vault: what the API may ask for, each in one function that checks, decides in the scribe, and answers after the
/// commit.
///
/// Functions that block (all but those of ``Deposit``) are called on the vault's own pool, through ``perform(_:)``.
public final class Vault: Sendable {
    public let platform: Platform
    public let limits: ReceptionLimits
    public let clock: JudgedClock
    public let stamping: Stamping

    let register: Register
    let envelopes: EnvelopeStore
    let drafts: Drafts
    let ring: Mutex<TimeLock>
    let heldKeys: Mutex<[HostKey]>
    let expiry = ExpiryWatch()
    let keyRing = KeyRing()
    let documentParts = DocumentParts()
    let pending: Pending
    let reservations: Reservations
    let refusals: Refusals
    let closings: Closings
    let publisher: Publisher
    /// The time before the start, where there was no room to record it.
    let unrecordedStart = Mutex<UnrecordedStart?>(nil)
    let awaited = Awaited()
    let stampRate: StampRate
    let stamper: Stamper
    let unstampable = Unstampable()
    /// Hash and write ciphertext, sync. One entry at most for each upload.
    let writers: WorkQueue
    /// For the heads of deposits alone: short look-ups, so that no flood of reads stands before a bid.
    private let heads: WorkQueue
    /// For drafts, whose requests may wait for one another: nobody else's do behind them.
    private let draftHeads: WorkQueue
    private let pool: WorkQueue
    let rates = UploadRates()
    let requestRate: RequestRate
    let keepBaseline: @Sendable (ClockBaseline) throws -> Void
    private let log: @Sendable (String) -> Void
    private let housekeeping = Housekeeping()
    private let draftKeeping = Housekeeping()
    private let mirroring = Housekeeping()
    let mirrorTimes = MirrorTimes()
    let watching = Housekeeping()
    let watchTimes = Watch()

    /// - Parameters:
    ///   - drafts: in the file system of `envelopes`.
    ///   - writers: how many threads write to the disk.
    ///   - heads: how many threads ask the rules for a deposit.
    ///   - drafting: how many threads answer what changes or shows a draft.
    ///   - readers: how many threads answer all other requests.
    ///   - keepBaseline: makes a baseline of the clock durable.
    ///   - log: one line for the operator, without names or secrets.
    public init(
        envelopes: DurableFolder, drafts: DurableFolder, lostAndFound: DurableFolder, register: Register, timeLock: TimeLock,
        hostKeys: [HostKey] = [], platform: Platform, stamping: Stamping, limits: ReceptionLimits, clock: JudgedClock, writers: Int, heads: Int,
        drafting: Int, readers: Int, keepBaseline: @escaping @Sendable (ClockBaseline) throws -> Void = { _ in },
        log: @escaping @Sendable (String) -> Void
    ) throws {
        self.register = register
        self.envelopes = EnvelopeStore(root: envelopes, lostAndFound: lostAndFound, mirror: register.mirror)
        ring = Mutex(timeLock)
        heldKeys = Mutex(hostKeys)
        self.platform = platform
        self.stamping = stamping
        self.limits = limits
        self.clock = clock
        self.keepBaseline = keepBaseline
        self.log = log
        pending = Pending(clock: clock)
        reservations = Reservations(limits: limits)
        self.drafts = Drafts(store: DraftStore(root: drafts), reservations: reservations)
        refusals = Refusals(clock: clock, limits: limits)
        requestRate = RequestRate(perSecond: limits.requestsPerSecond)
        closings = Closings()
        publisher = Publisher(randomness: { try Random.bytes($0) })
        stampRate = StampRate(perMinute: stamping.perMinute)
        stamper = Stamper(
            sources: stamping.sources(clock: clock), isBusy: { [reservations] in reservations.uploads > 0 }, report: log)
        self.writers = try WorkQueue(name: "writer", threads: writers, capacity: 100_000)
        self.heads = try WorkQueue(name: "head", threads: heads, capacity: 20_000)
        draftHeads = try WorkQueue(name: "draft", threads: drafting, capacity: 20_000)
        // Lists and lookups are told to come again before they wait for seconds; a bid's head, never.
        pool = try WorkQueue(name: "reader", threads: readers, capacity: 2_000)
        if let mirror = register.mirror, mirror.status == .catchingUp { completeMirror(mirror, within: Self.mirrorStart) }
    }

    /// Says in the log that the daemon was down until now, moves aside what no event names, then starts to watch clock and deadlines. Nothing is received before.
    public func start() throws {
        try recordStart()
        tendClock()
        try setAsideUnknown()
        try closings.load(from: register)
        publisher.load(try register.read { try $0.lastPublication() })
        try tidyDrafts()
        try housekeeping.start(every: 100) { [self] in tend() }
        try draftKeeping.start(every: 60_000) { [self] in
            tendDrafts()
            tendRehearsals()
        }
        if register.mirror != nil { try mirroring.start(every: 1000) { [self] in tendMirror() } }
        try stamper.start { [self] stamper in stampSome(stamper) }
    }

    /// After the server has stopped: lets the writers and the scribe end what they hold.
    public func stop() {
        watching.stop()
        mirrorTimes.stop()
        mirroring.stop()
        housekeeping.stop()
        draftKeeping.stop()
        stamper.stop()
        pool.stop()
        heads.stop()
        draftHeads.stop()
        writers.stop()
        recordCounts(all: true)
        register.stop()
    }

    /// Runs `work` on a thread that may block.
    ///
    /// - Returns: false where too much waits already: answer 503.
    public func perform(_ work: @escaping @Sendable () -> Void) -> Bool {
        pool.submit(work)
    }

    /// The same for the head of a deposit, which waits for other deposits only.
    public func performHead(_ work: @escaping @Sendable () -> Void) -> Bool {
        heads.submit(work)
    }

    /// The same for drafts and what is done to bids afterwards.
    public func performDraft(_ work: @escaping @Sendable () -> Void) -> Bool {
        draftHeads.submit(work)
    }

    /// Drops the views of the register and folds every event anew.
    public func rebuildViews() throws { try register.rebuildViews() }

    public func report(_ line: String) { log(line) }

    // MARK: What every request needs

    /// - Throws: 401 for a token that was never issued, or has ended.
    public func principal(token: [UInt8]) throws -> Principal {
        let digest = Digest(SHA256.hash(token))
        let now = clock.now
        return try register.read { register in
            guard let principal = try register.principal(token: digest), try register.end(ofToken: digest).map({ now < $0 }) ?? true else {
                throw Refusal(.unauthenticated)
            }
            return principal
        }
    }

    /// Makes the trace of a refusal. Never delays the answer, and never fails it: with the disk full it stays a count.
    ///
    /// - Parameter attempt: where it was one at a deposit, and what was shown.
    public func record(
        _ refusal: Refusal, of action: String, by principal: Principal, consultation: Identifier?,
        attempt: (Attempt, ShownProblem)? = nil
    ) {
        guard refusals.isEvent(principal.user, reason: refusal.kind.rawValue) else { return }
        let fact = Refused(
            user: principal.user, account: principal.account, action: action, reason: refusal.kind.rawValue,
            consultation: consultation)
        trace { transaction in
            let known = try consultation.flatMap { try transaction.consultation($0) }
            // An identifier that names nothing is the client's text: it has no place in the log.
            let log = known?.log ?? .real
            let traced = attempt.map { attempt, shown in
                attempt.traced(
                    known?.id, account: principal.account, user: principal.user, offset: nil, cause: refusal.kind.rawValue,
                    status: Int64(shown.status), reference: shown.reference)
            }
            return [EventDraft(log: log, fact: known == nil ? fact.without : fact)] + (traced.map { [EventDraft(log: log, fact: $0)] } ?? [])
        } failed: { [refusals] in
            refusals.count(source: fact.user.text, reason: fact.reason)
        }
    }

    /// Submits what is worth recording and must never delay anybody.
    func trace(
        _ decide: @escaping @Sendable (Transaction) throws -> [EventDraft], failed: @escaping @Sendable () -> Void
    ) {
        register.submit(.trace, decide: decide) { outcome in
            if case .failure = outcome { failed() }
        }
    }

    public func count(refusal reason: String, from source: String) {
        refusals.count(source: source, reason: reason)
    }

    /// - Throws: 404, also for what this principal may not know of.
    func consultation(_ id: Identifier, in register: some RegisterReading) throws -> Consultation {
        guard let consultation = try register.consultation(id) else { throw Refusal(.notFound) }
        return consultation
    }

    /// Of the set in force for bids to come: whose members open those.
    func material(of consultation: Consultation, in register: some RegisterReading) throws -> KeyMaterial {
        guard let keys = consultation.keys else { throw Refusal(.phase, "There is no key set yet.") }
        return try keyRing.material(for: keys, in: register)
    }

    /// Of that set as it was first made: what bids are sealed to, and what bidders are shown. Its part keys are those in force.
    func originalMaterial(of consultation: Consultation, in register: some RegisterReading) throws -> KeyMaterial {
        guard let keys = consultation.keys else { throw Refusal(.phase, "There is no key set yet.") }
        return try material(keys.original, of: consultation.id, in: register)
    }

    /// Of a set of whatever time.
    func material(_ fingerprint: Digest, of id: Identifier, in register: some RegisterReading) throws -> KeyMaterial {
        guard let keys = try register.keys(fingerprint, of: id) else {
            throw VaultFailure.register("the key set \(fingerprint) is unknown")
        }
        return try keyRing.material(for: keys, in: register)
    }
}

extension Refused {
    fileprivate var without: Refused {
        Refused(user: user, account: account, action: action, reason: reason, consultation: nil)
    }
}
