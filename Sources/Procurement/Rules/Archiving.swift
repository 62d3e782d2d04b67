public import Canonical

extension Consultation {
    /// The buyer's last act: from here on nothing of it is received, opened or released, and the platform's keys that it needed may go.
    ///
    /// What was never opened asks for a reason: its bids can never be opened once those keys are gone.
    ///
    /// - Parameter unopened: key sets, as first made, with bids in time and no opening concluded.
    public func archiving(by principal: Principal, grounds: String?, unopened: [Digest] = []) throws(Refusal) -> ConsultationArchived {
        try check(principal, may: .archive)
        if let grounds {
            try Grounds.check(grounds)
        } else if concluded == 0 {
            throw Refusal(.invalid, "grounds: no opening was concluded here, and after this nothing opens. Say why.")
        } else if let keys = unopened.first {
            throw Refusal(.invalid, "grounds: bids under the keys \(keys) were never opened, and after this nothing opens. Say why.")
        }
        return ConsultationArchived(consultation: id, user: principal.user, grounds: grounds)
    }
}
