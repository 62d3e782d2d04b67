internal import CSQLite

/// One row of a result, lent while the statement stands on it. Columns count from 0.
///
/// Tables are STRICT, so a column that is not of the type asked for is a defect of the query and stops the program;
/// a NULL is asked for by the `optional` functions.
@safe
public struct Row: ~Copyable {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { unsafe self.handle = handle }

    public var count: Int { Int(unsafe sqlite3_column_count(handle)) }

    /// The column's name, as the query gives it.
    public func name(_ column: Int) -> String {
        unsafe sqlite3_column_name(handle, Int32(column)).map { unsafe String(cString: $0) } ?? ""
    }

    public func isNull(_ column: Int) -> Bool { unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

    public func integer(_ column: Int) -> Int64 {
        expect(SQLITE_INTEGER, column)
        return unsafe sqlite3_column_int64(handle, Int32(column))
    }

    public func text(_ column: Int) -> String {
        expect(SQLITE_TEXT, column)
        let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
        guard count > 0, let start = unsafe sqlite3_column_text(handle, Int32(column)) else { return "" }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    public func blob(_ column: Int) -> [UInt8] {
        expect(SQLITE_BLOB, column)
        let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
        guard count > 0, let start = unsafe sqlite3_column_blob(handle, Int32(column)) else { return [] }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    public func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }
    public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }
    public func optionalBlob(_ column: Int) -> [UInt8]? { isNull(column) ? nil : blob(column) }

    /// The column whatever its type, for who compares rows without knowing them.
    public func value(_ column: Int) -> Value {
        switch unsafe sqlite3_column_type(handle, Int32(column)) {
        case SQLITE_NULL: .null
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_TEXT: .text(text(column))
        default: .blob(blob(column))
        }
    }

    private func expect(_ type: Int32, _ column: Int) {
        precondition(unsafe sqlite3_column_type(handle, Int32(column)) == type, "column \(column) is of another type")
    }
}
