/// A call of SQLite failed. `code` is the extended result code (https://www.sqlite.org/rescode.html).
///
/// The message is SQLite's own: it names tables and columns, never a bound value.
public struct SQLiteError: Error, Hashable, Sendable, CustomStringConvertible {
    public let operation: String
    public let code: Int32
    public let message: String

    public init(operation: String, code: Int32, message: String) {
        self.operation = operation
        self.code = code
        self.message = message
    }

    /// What a caller can conclude.
    public enum Kind: Sendable {
        /// Another connection holds a lock: nothing was changed, it may be tried again.
        case busy
        /// The disk, or a quota, is used up: nothing was changed.
        case full
        /// A constraint of the schema: this statement alone was undone.
        case constraint
        /// Anything else. Of a COMMIT: the outcome is *unknown*. (With EIO injected into the sync of the WAL a COMMIT
        /// was told to have failed, and its row was there after a restart.)
        case other
    }

    public var kind: Kind {
        switch code & 0xff {
        case 5, 6: .busy  // SQLITE_BUSY, SQLITE_LOCKED
        case 13: .full  // SQLITE_FULL
        case 19: .constraint  // SQLITE_CONSTRAINT
        default: .other
        }
    }

    public var description: String { "\(operation): \(message) (\(code))" }
}
