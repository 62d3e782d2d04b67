/// Where a consultation stands. Each phase follows from the events, none is set by hand.
public enum Phase: String, Sendable, CaseIterable {
    /// Being written; nobody outside the buyer's account knows that it exists.
    case draft
    /// Its key set is in the register; members are accepting.
    case sealed
    /// Open to bids.
    case published
    /// Past its deadline, and its closing is in the log.
    case closed
    /// At least one opening was announced.
    case opening
    /// At least one opening was concluded.
    case opened
    /// Out of the daemon's care.
    case archived
}
