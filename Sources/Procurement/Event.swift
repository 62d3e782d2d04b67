public import Canonical

/// One leaf of a log: canonical bytes that are never rewritten.
///
/// `sceau/event/1`: `log`, `type`, `at`, a `nonce` of 16 random bytes (so that a leaf hash tells nothing to who cannot
/// guess 128 bits), and the facts of its type, side by side.
public struct Event: CanonicalObject {
    public static let format = "sceau/event/1"
    /// Bytes.
    public static let nonceLength = 16

    public let log: Log
    public let at: Instant
    public let nonce: [UInt8]
    public let fact: any Fact

    public init(log: Log, at: Instant, nonce: [UInt8], fact: any Fact) {
        self.log = log
        self.at = at
        self.nonce = nonce
        self.fact = fact
    }

    public var fields: [String: JSON] {
        var fields = fact.fields
        fields["log"] = .string(log.rawValue)
        fields["type"] = .string(type(of: fact).type)
        fields["at"] = .instant(at)
        fields["nonce"] = .base64(nonce)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        log = try reader.word("log", of: Log.self)
        at = try reader.instant("at")
        nonce = try reader.base64("nonce", max: Event.nonceLength)
        guard nonce.count == Event.nonceLength else { throw CanonicalError(reason: "nonce: not 16 bytes") }
        let name = try reader.word("type")
        guard let type = Event.types[name] else { throw CanonicalError(reason: "type: not a known event") }
        fact = try type.init(from: &reader)
    }

    /// Every published type keeps its decoder, and its fields for ever: a fact that must say more is a new type.
    public static let types: [String: any Fact.Type] = {
        let all: [any Fact.Type] = [
            LogOpened.self, AccountCreated.self, UserAdded.self, TokenIssued.self, ConsultationCreated.self,
            KeysSet.self, KeyAccepted.self, Published.self, DeadlineExtended.self, BidReceived.self,
            AttemptFailed.self, Refused.self, RefusalsCounted.self, Closed.self, OpeningAnnounced.self,
            OpeningApproved.self, OpeningReleased.self, BidRead.self, OpeningConcluded.self, SetAside.self,
            ReceiptKept.self,
            ClockUnsound.self, ClockSound.self, ClockAccepted.self, ClockCompared.self, Down.self, VerdictGiven.self,
            ClosingStated.self, BidJudged.self, Reopened.self, HoldWaived.self, StatementDisclosed.self,
            MinutesExtracted.self, LateBidAdmitted.self,
            AttemptTraced.self, Health.self, Attested.self, ConsultationFrozen.self, ConsultationUnfrozen.self,
            Blank.self, LogEnded.self, LogContinued.self, Timestamped.self, DraftOpened.self, DraftDropped.self, BidWithdrawn.self,
            IntentStated.self, NoticeDue.self, CopyRegistered.self, CopyDecided.self,
            ReceiptPresented.self, MirrorLost.self, MirrorRegained.self,
            CommitteeSet.self, ShareRehearsed.self, RehearsalDue.self,
            SharesReleased.self, KeysReshared.self, KeysReplaced.self,
            HostKeyAdded.self, HostKeyRetired.self, PlatformSecretRestored.self, RecoveryRehearsed.self, TokenEnded.self,
            ConsultationArchived.self, KeysAdded.self,
        ]
        return Dictionary(uniqueKeysWithValues: all.map { ($0.type, $0) })
    }()
}
