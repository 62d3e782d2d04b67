/// An object with a `format` and exact fields, such as `sceau/keys/1`: what is signed, hashed or kept.
///
/// A format once published keeps its fields for ever; a change is a new format with a reader of its own.
public protocol CanonicalObject: Sendable {
    /// As in `"sceau/keys/1"`.
    static var format: String { get }
    /// Every field but `format`; what is absent has no key.
    var fields: [String: JSON] { get }
    /// Takes every field from the reader. `format` has been checked and taken; what is left over is refused after.
    init(from reader: inout FieldReader) throws(CanonicalError)
}

extension CanonicalObject {
    public var json: JSON {
        var all = fields
        all["format"] = .string(Self.format)
        return .object(all)
    }

    public var canonicalBytes: [UInt8] { json.encoded() }

    /// Reads canonical bytes of this format, with exactly its fields.
    public init(canonical bytes: [UInt8]) throws(CanonicalError) {
        try self.init(json: JSON(canonical: bytes))
    }

    /// Reads a value that stood in another object.
    public init(json: JSON) throws(CanonicalError) {
        var reader = try FieldReader(json)
        guard try reader.string("format") == Self.format else {
            throw CanonicalError(reason: "`format` is not \(Self.format)")
        }
        self = try Self(from: &reader)
        try reader.finish()
    }
}
