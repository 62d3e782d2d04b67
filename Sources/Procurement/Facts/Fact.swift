public import Canonical

/// What one event says happened. The fields' names and forms are final: they are hashed into the log.
public protocol Fact: Sendable {
    /// The event's `type`.
    static var type: String { get }
    var fields: [String: JSON] { get }
    init(from reader: inout FieldReader) throws(CanonicalError)
}
