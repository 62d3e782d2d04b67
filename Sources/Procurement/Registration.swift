import Canonical

/// The number under which a legal person is registered: what a receipt names a depositor by, beside its name.
public struct Registration: Sendable, Equatable {
    public enum Scheme: String, Sendable, CaseIterable {
        /// 14 digits (INSEE, article R123-221 of the Code de commerce).
        case siret
        /// Of another country, as its bearer writes it: 1 to 64 bytes.
        case foreign
    }

    public let scheme: Scheme
    public let number: String

    /// No check digit is asked: those of some public bodies do not follow it.
    public init(siret: String) throws(Refusal) {
        guard siret.utf8.count == 14, siret.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Refusal(.invalid, "siret: 14 digits.")
        }
        scheme = .siret
        number = siret
    }

    public init(foreign: String) throws(Refusal) {
        try PlainText.check(foreign, "registration", max: 64)
        scheme = .foreign
        number = foreign
    }

    /// `{"scheme":"siret","number":"…"}` in events.
    var json: JSON { .object(["scheme": .string(scheme.rawValue), "number": .string(number)]) }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        let scheme = try reader.word("scheme", of: Scheme.self)
        let number = try reader.string("number", max: 64)
        do {
            self =
                switch scheme {
                case .siret: try Registration(siret: number)
                case .foreign: try Registration(foreign: number)
                }
        } catch {
            throw CanonicalError(reason: "`number` is not one of its scheme")
        }
    }

    static func optional(_ key: String, _ reader: inout FieldReader) throws(CanonicalError) -> Registration? {
        guard var inner = try reader.optionalObject(key) else { return nil }
        let registration = try Registration(from: &inner)
        try inner.finish()
        return registration
    }
}
