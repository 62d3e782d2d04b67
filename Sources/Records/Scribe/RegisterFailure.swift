/// Why an item was not committed, by no fault of who asked: nothing of it is kept, and it may be tried again.
public enum RegisterFailure: Error, Sendable, Equatable {
    /// The disk is used up.
    case full
    /// Another connection held the register's lock for too long.
    case busy
    /// A folder that the item needs could not be synced.
    case unsynced(folder: String)
    /// The events do not fit the register: too many at once, or against a constraint. A defect of who made them.
    case invalid(String)
    /// The queue is full.
    case overloaded
    case stopping
    /// Nothing is committed without the mirror, which is lost.
    case mirror
    /// SQLite failed before the COMMIT.
    case storage(String)
}
