import Canonical
import Testing

private struct Sample: CanonicalObject {
    static let format = "sceau/sample/1"
    var name: String
    var size: Int64
    var note: String?

    var fields: [String: JSON] {
        var fields: [String: JSON] = ["name": .string(name), "size": .integer(size)]
        fields["note"] = note.map(JSON.string)
        return fields
    }

    init(name: String, size: Int64, note: String? = nil) {
        self.name = name
        self.size = size
        self.note = note
    }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        name = try reader.string("name", max: 8)
        size = try reader.integer("size", in: 1...100)
        note = try reader.optionalString("note")
    }
}

struct FieldReaderTests {
    @Test func anObjectHasItsFormatAndReadsItself() throws {
        let bytes = Sample(name: "clé", size: 3, note: "x").canonicalBytes
        #expect(
            String(decoding: bytes, as: UTF8.self) == #"{"format":"sceau/sample/1","name":"clé","note":"x","size":3}"#)
        #expect(try Sample(canonical: bytes).canonicalBytes == bytes)
        #expect(try Sample(json: Sample(name: "a", size: 1).json).note == nil)
    }

    static let refused: [(String, String)] = [
        (#"{"format":"sceau/sample/2","name":"a","size":3}"#, "`format` is not sceau/sample/1"),
        (#"{"name":"a","size":3}"#, "`format` is missing"),
        (#"{"format":"sceau/sample/1","name":"a"}"#, "`size` is missing"),
        (#"{"format":"sceau/sample/1","name":"a","other":1,"size":3}"#, "unknown field `other`"),
        (#"{"format":"sceau/sample/1","name":"a","size":"3"}"#, "`size` is not an integer"),
        (#"{"format":"sceau/sample/1","name":"a","size":0}"#, "`size` is not from 1 to 100"),
        (#"{"format":"sceau/sample/1","name":"a","size":101}"#, "`size` is not from 1 to 100"),
        (#"{"format":"sceau/sample/1","name":"ééééa","size":3}"#, "`name` is not at most 8 bytes long"),
        (#"{"format":"sceau/sample/1","name":true,"size":3}"#, "`name` is not a string"),
        ("[]", "not an object"),
    ]

    @Test(arguments: refused) func refusalsNameTheField(_ text: String, _ reason: String) {
        #expect(throws: CanonicalError(reason: reason)) { try Sample(canonical: Array(text.utf8)) }
    }

    @Test func everyKindHasItsBounds() throws {
        let json = JSON.object([
            "digest": .string("00"), "identifier": .string("zz"), "instant": .string("yesterday"),
            "hex": .hex([1, 2, 3]),
            "base64": .base64([1, 2, 3, 4]), "array": .array([.bool(true), .bool(false)]), "bool": .integer(1),
            "inner": .object(["a": .object([:])]),
        ])
        var reader = try FieldReader(json)
        #expect(throws: CanonicalError.self) { try reader.digest("digest") }
        #expect(throws: CanonicalError.self) { try reader.identifier("identifier") }
        #expect(throws: CanonicalError(reason: "`instant`: an instant is not of the form 2026-11-23T17:00:08.918Z")) {
            try reader.instant("instant")
        }
        #expect(throws: CanonicalError(reason: "`hex` is not 4 bytes")) { try reader.hex("hex", count: 4) }
        #expect(throws: CanonicalError(reason: "`base64` is not at most 3 bytes long")) {
            try reader.base64("base64", max: 3)
        }
        #expect(throws: CanonicalError(reason: "`array` is not at most 1 long")) { try reader.array("array", max: 1) }
        #expect(throws: CanonicalError(reason: "`bool` is not true or false")) { try reader.bool("bool") }
        var inner = try reader.object("inner")
        #expect(throws: CanonicalError(reason: "`inner.b` is missing")) { try inner.string("b") }
        #expect(throws: CanonicalError(reason: "unknown field `inner.a`")) { try inner.finish() }
        #expect(throws: Never.self) { try reader.finish() }
    }

    @Test func boundsThemselvesAreWithin() throws {
        var reader = try FieldReader(
            .object(["base64": .base64([1, 2, 3]), "hex": .hex([1, 2]), "array": .array([.bool(true)])]))
        #expect(try reader.base64("base64", max: 3) == [1, 2, 3])
        #expect(try reader.hex("hex", count: 2) == [1, 2])
        #expect(try reader.array("array", max: 1).count == 1)
        #expect(try reader.optionalDigest("digest") == nil)
        #expect(!reader.has("hex"))
    }
}
