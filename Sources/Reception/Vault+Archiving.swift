public import Canonical
public import Procurement
import Records

extension Vault {
    /// The buyer's last act: the consultation is out of this vault's care.
    public func archive(_ id: Identifier, by principal: Principal, grounds: String?) throws -> ConsultationView {
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let fact = try consultation.archiving(by: principal, grounds: grounds, unopened: transaction.unopenedKeySets(of: id))
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return try watch(id, for: principal)
    }
}
