public import Canonical

/// What the rules and the API read of the register, from inside the scribe's transaction or from a reader's snapshot.
///
/// Every function answers from the views; nil or an empty list where there is nothing.
public protocol RegisterReading {
    func consultation(_ id: Identifier) throws -> Consultation?
    /// All consultations, in the order of their creation.
    func consultations() throws -> [Consultation]
    /// Published, not archived, and without a `closed` event for the present version of the deadline.
    func unclosed() throws -> [Identifier]
    func principal(token: Digest) throws -> Principal?
    /// The account that runs the vault.
    func holder() throws -> Identifier?
    func account(named name: String) throws -> (id: Identifier, kind: AccountKind)?
    /// Whether SHA-256(T) stands in a key set of a consultation other than `except`.
    func secretIsTaken(_ secret: Digest, except: Identifier) throws -> Bool
    /// Member number → digest of the signed acceptance of this key set.
    func acceptances(of consultation: Identifier, keys: Digest) throws -> [Int: Digest]
    /// A key set of this consultation, of whatever time.
    func keys(_ fingerprint: Digest, of consultation: Identifier) throws -> Consultation.Keys?
    /// The re-shares that put a set in force, in order.
    func replacements(of consultation: Identifier) throws -> [KeysReplaced]
    /// Asked for each deposit, of consultations of many thousand bids: answered from an index.
    func standing(of depositor: Identifier, in consultation: Identifier) throws -> Standing
    /// In log order.
    func bids(of consultation: Identifier) throws -> [BidEntry]
    func bid(_ id: Identifier) throws -> BidEntry?
    func draft(_ bid: Identifier) throws -> DraftEntry?
    /// Open drafts of a consultation; of one depositor, or of all.
    func openDrafts(of consultation: Identifier, depositor: Identifier?) throws -> Int
    /// Under which digests the lists of its documents are kept, sealed; nil where none were.
    func keptReceipt(of bid: Identifier) throws -> ReceiptKept?
    func attempts(of consultation: Identifier) throws -> Int64
    func opening(_ id: Identifier) throws -> OpeningState?
    func openings(of consultation: Identifier) throws -> [OpeningState]
    /// Key sets, as first made, to which bids in time are sealed that no concluded opening was of.
    func unopenedKeySets(of consultation: Identifier) throws -> [Digest]
    /// What those of these openings that are concluded found of the bids that any of them failed on; in their order. Asked often: who waits
    /// for an approval polls.
    func findings(among openings: [OpeningState]) throws -> [Findings]
    /// Whether this opening has fetched this bid before.
    func wasRead(_ bid: Identifier, in opening: Identifier) throws -> Bool
    /// The stored outcome of a deposit under an idempotency key of this account, in this consultation.
    func outcome(
        account: Identifier, consultation: Identifier, key: Digest
    ) throws -> (bid: Identifier, outcome: BidReceived.Outcome)?
    /// The bytes of an event of a log, from position 0.
    func event(_ log: Log, at position: Int64) throws -> [UInt8]?
    /// The bytes of the `closed` event in force.
    func closing(of consultation: Identifier) throws -> [UInt8]?
    /// An immutable object that an event names by its SHA-256.
    func object(_ digest: Digest) throws -> [UInt8]?
}
