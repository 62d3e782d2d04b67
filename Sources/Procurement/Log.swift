/// Which of the two logs an event belongs to.
///
/// Training has its own keys and its own log, so that nothing of a test account can enter a real procedure.
public enum Log: String, Sendable, CaseIterable {
    case real, training
}
