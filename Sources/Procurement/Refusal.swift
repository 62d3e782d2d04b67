public import Canonical

/// The client's fault, or the rules': what was asked is not done, and nothing changed.
///
/// `detail` is a sentence for people. It never holds a document's name, a digest of a plaintext or a secret.
public struct Refusal: Error, Sendable, Equatable {
    /// Stable names: they end the `type` of a problem document and stand in events.
    public enum Kind: String, Sendable, CaseIterable {
        case unauthenticated, forbidden
        case notFound = "not-found"
        case method
        case malformed
        case invalid
        case phase
        case frozen
        case notYet = "not-yet"
        case held
        case tooLate = "too-late"
        case quorum
        case withheld
        case notAMember = "not-a-member"
        case alreadyDone = "already-done"
        case fingerprint
        case keys
        case signature
        case share
        case receipt
        case name
        case tooLarge = "too-large"
        case lengthRequired = "length-required"
        case idempotency
        case busy
        case storage
        case clock
        case mirror
        case unsupported
        case timestamps
        case stopping
        case gone
        /// The offset that a client believes in is not the one that stands here (tus).
        case offset
        case checksum
        /// Of a protocol, that the client does not speak.
        case version
        /// A draft lacks what its submission needs.
        case incomplete
        /// Another request took over.
        case superseded
        /// More often than a limit allows.
        case rate
        /// A bid that its bidder sealed, whose envelope does not hold.
        case seal
    }

    public let kind: Kind
    public let detail: String?
    /// When the same request will be possible, where waiting is all that it takes.
    public let possibleAt: Instant?

    public init(_ kind: Kind, _ detail: String? = nil, possibleAt: Instant? = nil) {
        self.kind = kind
        self.detail = detail
        self.possibleAt = possibleAt
    }
}
