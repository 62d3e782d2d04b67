extension Consultation {
    /// The buyer's last act: from here on nothing of it is received, opened or released, and the platform's keys that it needed may go.
    ///
    /// What was never opened asks for a reason: its bids can never be opened once those keys are gone.
    public func archiving(by principal: Principal, grounds: String?) throws(Refusal) -> ConsultationArchived {
        try check(principal, may: .archive)
        if let grounds {
            try Grounds.check(grounds)
        } else if concluded == 0 {
            throw Refusal(.invalid, "grounds: no opening was concluded here, and after this nothing opens. Say why.")
        }
        return ConsultationArchived(consultation: id, user: principal.user, grounds: grounds)
    }
}
