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
            var last: Int64 = 0
            while true {
                // Who they are is looked up beside the scribe, which has bids to record.
                let (log, since, untold) = try register.read { [self, last] register in
                    (
                        try self.consultation(id, in: register).log, try register.keysAdded(to: id),
                        try register.untoldOfKeys(id, after: last, limit: 1000)
                    )
                }
                guard let since, let end = untold.last else { return }
                _ = try register.commit(.trace) { transaction in
                    // Another may have told them meanwhile.
                    try untold.filter { try !transaction.wasNoticed(.keysAdded, of: $0.bid, since: since) }.map {
                        EventDraft(log: log, fact: NoticeDue(account: $0.depositor, consultation: id, bid: $0.bid, kind: .keysAdded))
                    }
                }
                last = end.number
            }
        } catch {
            report("the bidders of \(id) are not all told of the keys that were added, and will be: \(error)")
        }
    }
}
