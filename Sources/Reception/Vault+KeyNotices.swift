import Canonical
import Linux
import Procurement
import Records

extension Vault {
    /// Once a minute, and at the start: who was not told when keys were added, for the platform stopped meanwhile.
    func tendKeyNotices() {
        do {
            for id in try register.read({ try $0.withAddedKeys() }) { tell(ofKeysAddedTo: id) }
        } catch {
            report("consultations to which keys were added could not be looked after: \(error)")
        }
    }

    /// Tells those whose bid or draft is sealed to the keys before, each once. There may be more than one commit takes.
    func tell(ofKeysAddedTo id: Identifier) {
        do {
            while true {
                let told = try register.commit { [self] transaction in
                    let log = try self.consultation(id, in: transaction).log
                    return try transaction.untoldOfKeys(id, limit: 1000).map {
                        EventDraft(log: log, fact: NoticeDue(account: $0.depositor, consultation: id, bid: $0.bid, kind: .keysAdded))
                    }
                }
                guard !told.isEmpty else { return }
            }
        } catch {
            report("the bidders of \(id) are not all told of the keys that were added, and will be: \(error)")
        }
    }
}
