public import Canonical

/// The platform vouches for something: what it says is an object kept in the register, and this event, with its place in the
/// log, is the signature.
public struct Attested: Fact {
    public static let type = "attested"

    public enum Subject: String, Sendable, CaseIterable {
        case attempt, health
    }

    public let subject: Subject
    /// SHA-256 of the object.
    public let statement: Digest
    /// For whom it was made.
    public let account: Identifier
    public let user: Identifier
    public let consultation: Identifier?

    public init(subject: Subject, statement: Digest, account: Identifier, user: Identifier, consultation: Identifier?) {
        self.subject = subject
        self.statement = statement
        self.account = account
        self.user = user
        self.consultation = consultation
    }

    public var fields: [String: JSON] {
        var fields: [String: JSON] = [
            "subject": .string(subject.rawValue), "statement": .digest(statement), "account": .identifier(account),
            "user": .identifier(user),
        ]
        fields["consultation"] = consultation.map(JSON.identifier)
        return fields
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        subject = try reader.word("subject", of: Subject.self)
        statement = try reader.digest("statement")
        account = try reader.identifier("account")
        user = try reader.identifier("user")
        consultation = try reader.optionalIdentifier("consultation")
    }
}
