import Canonical
import Evidence
import Reception

extension Route {
    /// The most bytes of a body, where one is read that is no bid. A key set of 255 members with RSA certificates takes some 4 MiB.
    var bodyLimit: Int64? {
        switch self {
        case .timestamp: Vault.longestTimestampRequest
        case .createConsultation, .openDraft, .registerCopy, .decideCopy, .publish, .addKeys, .extend, .unfreeze, .archive, .addUser, .addKey, .retireKey, .renewToken, .recordRehearsal, .rotateLog, .cosign, .acceptClock, .reopen, .waive, .disclose, .admitLate: 64 << 10
        case .accept, .approve, .rehearse: 512 << 10
        // A re-share names its committee, as a standing one is set: 255 members with RSA certificates take less than 2 MiB.
        case .announce, .setCommittee: 4 << 20
        case .setKeys, .reshare: 16 << 20
        case .conclude: 96 << 20
        case .present: Int64(ReceiptContainer.longest)
        default: nil
        }
    }

    var consultation: Identifier? {
        switch self {
        case .consultation(let id), .setKeys(let id), .addKeys(let id), .keys(let id), .succession(let id), .reshare(let id, _), .accept(let id), .rehearse(let id), .publish(let id),
            .extend(let id), .unfreeze(let id), .archive(let id), .deposit(let id, _), .openDraft(let id), .registerCopy(let id), .copies(let id), .decideCopy(let id, _), .closing(let id), .reopen(let id),
            .presented(let id), .presentedReceipt(let id, _),
            .waive(let id), .disclose(let id), .admitLate(let id, _), .announce(let id), .openings(let id),
            .approve(let id, _), .release(let id, _), .bids(let id, _), .seal(let id, _, _),
            .document(let id, _, _, _), .conclude(let id, _):
            id
        default: nil
        }
    }
}
