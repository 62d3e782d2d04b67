internal import CSQLite

/// What is bound to a statement.
public enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// A prepared statement. SQL is a literal of the program: no text from outside becomes part of one.
@safe
final class Statement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer

    init(_ sql: StaticString, _ connection: OpaquePointer) throws(SQLiteError) {
        precondition(sql.hasPointerRepresentation)
        var prepared: OpaquePointer?
        let result = unsafe sql.utf8Start.withMemoryRebound(to: CChar.self, capacity: sql.utf8CodeUnitCount) {
            unsafe sqlite3_prepare_v3(
                connection, $0, Int32(sql.utf8CodeUnitCount), UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        }
        guard result == SQLITE_OK, let handle = unsafe prepared else {
            throw unsafe Connection.error("prepare", result, connection)
        }
        unsafe self.handle = handle
        unsafe self.connection = connection
    }

    deinit { unsafe sqlite3_finalize(handle) }

    func run(_ values: [Value], _ row: (borrowing Row) throws -> Void) throws {
        try bind(values)
        defer { reset() }
        while try step() { try row(unsafe Row(handle)) }
    }

    func first<Result>(_ values: [Value], _ read: (borrowing Row) throws -> Result) throws -> Result? {
        try bind(values)
        defer { reset() }
        return try step() ? read(unsafe Row(handle)) : nil
    }

    func all<Result>(_ values: [Value], _ read: (borrowing Row) throws -> Result) throws -> [Result] {
        try bind(values)
        defer { reset() }
        var results: [Result] = []
        while try step() { results.append(try read(unsafe Row(handle))) }
        return results
    }

    /// The one text that a PRAGMA answers with.
    func word() throws(SQLiteError) -> String? {
        defer { reset() }
        return try step() ? unsafe Row(handle).text(0) : nil
    }

    private func step() throws(SQLiteError) -> Bool {
        switch unsafe sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let result: throw unsafe Connection.error("step", result, connection)
        }
    }

    private func bind(_ values: [Value]) throws(SQLiteError) {
        precondition(values.count == Int(unsafe sqlite3_bind_parameter_count(handle)), "as many values as parameters")
        for (index, value) in zip(Int32(1)..., values) {
            let result =
                switch value {
                case .null: unsafe sqlite3_bind_null(handle, index)
                case .integer(let number): unsafe sqlite3_bind_int64(handle, index, number)
                case .text(var text):
                    text.withUTF8 { utf8 in
                        unsafe utf8.withMemoryRebound(to: CChar.self) {
                            // A null pointer would bind NULL.
                            unsafe sceau_bind_text(handle, index, $0.baseAddress ?? Self.empty, UInt64($0.count))
                        }
                    }
                case .blob(let bytes):
                    if bytes.isEmpty {
                        unsafe sqlite3_bind_zeroblob(handle, index, 0)
                    } else {
                        unsafe bytes.withUnsafeBytes {
                            unsafe sceau_bind_blob(handle, index, $0.baseAddress, UInt64($0.count))
                        }
                    }
                }
            guard result == SQLITE_OK else {
                reset()
                throw unsafe Connection.error("bind", result, connection)
            }
        }
    }

    /// The step that failed has been reported; what a reset repeats of it is not news.
    private func reset() {
        unsafe sqlite3_reset(handle)
        unsafe sqlite3_clear_bindings(handle)
    }

    nonisolated(unsafe) private static let empty: UnsafePointer<CChar> = {
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        unsafe pointer.initialize(to: 0)
        return unsafe UnsafePointer(pointer)
    }()
}
