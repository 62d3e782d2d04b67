import Canonical
import Procurement
import Sealing

extension OpeningMinutes.Subject {
    var json: JSON {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "buyer": .string(buyer), "reference": .string(reference),
            "title": .string(title), "timeZone": .string(timeZone),
        ]
        fields["object"] = object.map(JSON.string)
        return .object(fields)
    }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        consultation = try reader.identifier("consultation")
        buyer = try reader.string("buyer", max: AccountCreated.longestName)
        reference = try reader.string("reference", max: ConsultationCreated.longestReference)
        title = try reader.string("title", max: ConsultationCreated.longestTitle)
        object = try reader.optionalString("object", max: ConsultationCreated.longestObject)
        timeZone = try reader.string("timeZone", max: ConsultationCreated.longestZone)
    }
}

extension OpeningMinutes.Session {
    var json: JSON {
        var fields: [String: JSON] = [
            "opening": .identifier(opening), "digest": .digest(digest), "log": .string(log.rawValue),
            "parts": .array(parts.map(JSON.string)), "announcer": .integer(Int64(announcer)),
            "fingerprint": .digest(fingerprint), "k": .integer(Int64(k)), "n": .integer(Int64(n)),
            "announced": .instant(announced), "released": .instant(released), "concluded": .instant(concluded),
        ]
        fields["original"] = original.map(JSON.digest)
        return .object(fields)
    }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        opening = try reader.identifier("opening")
        digest = try reader.digest("digest")
        log = try reader.oneOf("log", Log.self)
        parts = try reader.texts("parts", max: 8)
        announcer = Int(try reader.integer("announcer", in: 1...255))
        fingerprint = try reader.digest("fingerprint")
        n = Int(try reader.integer("n", in: 1...255))
        k = Int(try reader.integer("k", in: 1...Int64(n)))
        original = try reader.optionalDigest("original")
        announced = try reader.instant("announced")
        released = try reader.instant("released")
        concluded = try reader.instant("concluded")
    }
}

extension OpeningMinutes.Member {
    var json: JSON {
        var fields: [String: JSON] = [
            "number": .integer(Int64(number)), "name": .string(name), "at": .instant(at), "approval": .digest(approval),
        ]
        if isPaper { fields["paper"] = .bool(true) }
        return .object(fields)
    }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        number = Int(try reader.integer("number", in: 1...255))
        name = try reader.string("name", max: 1024)
        at = try reader.instant("at")
        approval = try reader.digest("approval")
        let paper = try reader.optionalBool("paper")
        guard paper != false else { throw CanonicalError(reason: "`paper` is true, or absent") }
        isPaper = paper ?? false
    }
}

extension OpeningMinutes.WrongShare {
    var json: JSON { .object(["number": .integer(Int64(number)), "reason": .string(reason)]) }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        number = Int(try reader.integer("number", in: 1...255))
        reason = try reader.string("reason", max: 4096)
    }
}

extension OpeningMinutes.Decision {
    var json: JSON {
        var fields: [String: JSON] = ["type": .string(type), "at": .instant(at), "event": .digest(event)]
        fields["deadline"] = deadline.map(JSON.instant)
        fields["grounds"] = grounds.map(JSON.string)
        return .object(fields)
    }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        type = try reader.string("type", max: Word.longest)
        at = try reader.instant("at")
        event = try reader.digest("event")
        deadline = try reader.optionalInstant("deadline")
        grounds = try reader.optionalString("grounds", max: Grounds.longest)
    }
}

extension FieldReader {
    /// An object inside, whole.
    mutating func nested<Value>(
        _ key: String, _ read: (inout FieldReader) throws(CanonicalError) -> Value
    ) throws(CanonicalError) -> Value {
        var inner = try object(key)
        let value = try read(&inner)
        try inner.finish()
        return value
    }

    /// An array of objects.
    mutating func list<Value>(
        _ key: String, max: Int, _ read: (inout FieldReader) throws(CanonicalError) -> Value
    ) throws(CanonicalError) -> [Value] {
        var values: [Value] = []
        for json in try array(key, max: max) {
            var inner = try FieldReader(json)
            values.append(try read(&inner))
            try inner.finish()
        }
        return values
    }

    mutating func texts(_ key: String, max: Int) throws(CanonicalError) -> [String] {
        var texts: [String] = []
        for json in try array(key, max: max) {
            guard case .string(let text) = json, text.utf8.count <= 4096 else {
                throw CanonicalError(reason: "`\(key)` is not a list of texts")
            }
            texts.append(text)
        }
        return texts
    }

    mutating func oneOf<Words: RawRepresentable<String>>(
        _ key: String, _ words: Words.Type
    ) throws(CanonicalError) -> Words {
        guard let word = Words(rawValue: try string(key, max: 64)) else {
            throw CanonicalError(reason: "`\(key)` is not a known word")
        }
        return word
    }
}
