public import Canonical

/// Who bids: sealed in the manifest.
public struct Candidate: Sendable, Hashable {
    /// A company, French or foreign.
    public struct Party: Sendable, Hashable {
        public let name: String
        /// 14 digits.
        public let siret: String?
        /// A foreign identifier, as its register writes it.
        public let foreign: String?

        public init(name: String, siret: String? = nil, foreign: String? = nil) {
            self.name = name
            self.siret = siret
            self.foreign = foreign
        }
    }

    public struct Signatory: Sendable, Hashable {
        public let name: String
        /// In what capacity.
        public let capacity: String?

        public init(name: String, capacity: String? = nil) {
            self.name = name
            self.capacity = capacity
        }
    }

    public let lead: Party
    /// Other members of a group.
    public let members: [Party]
    public let signatories: [Signatory]
    public let subcontractors: [Party]

    public init(lead: Party, members: [Party] = [], signatories: [Signatory] = [], subcontractors: [Party] = []) {
        self.lead = lead
        self.members = members
        self.signatories = signatories
        self.subcontractors = subcontractors
    }

    public var json: JSON {
        var fields: [String: JSON] = ["lead": lead.json]
        if !members.isEmpty { fields["members"] = .array(members.map(\.json)) }
        if !signatories.isEmpty { fields["signatories"] = .array(signatories.map(\.json)) }
        if !subcontractors.isEmpty { fields["subcontractors"] = .array(subcontractors.map(\.json)) }
        return .object(fields)
    }

    public init(_ reader: inout FieldReader) throws(CanonicalError) {
        func list<T>(_ key: String, _ read: (inout FieldReader) throws(CanonicalError) -> T) throws(CanonicalError)
            -> [T]
        {
            guard let values = try reader.optionalArray(key, max: 1000) else { return [] }
            // One value has one text: an empty list is an absent one.
            guard !values.isEmpty else { throw CanonicalError(reason: "`\(key)` is empty") }
            return try FieldReader.objects(values, read)
        }
        var leader = try reader.object("lead")
        lead = try Party(&leader)
        try leader.finish()
        members = try list("members") { (reader) throws(CanonicalError) in try Party(&reader) }
        signatories = try list("signatories") { (reader) throws(CanonicalError) in try Signatory(&reader) }
        subcontractors = try list("subcontractors") { (reader) throws(CanonicalError) in try Party(&reader) }
    }
}

extension Candidate.Party {
    var json: JSON {
        var fields: [String: JSON] = ["name": .string(name)]
        fields["siret"] = siret.map(JSON.string)
        fields["foreign"] = foreign.map(JSON.string)
        return .object(fields)
    }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        name = try reader.text("name", max: SealingLimits.text)
        siret = try reader.optionalString("siret", max: 14)
        foreign = try reader.optionalString("foreign", max: 64)
        guard siret.map({ $0.utf8.count == 14 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) ?? true else {
            throw CanonicalError(reason: "`siret` is not 14 digits")
        }
    }
}

extension Candidate.Signatory {
    var json: JSON {
        var fields: [String: JSON] = ["name": .string(name)]
        fields["capacity"] = capacity.map(JSON.string)
        return .object(fields)
    }

    init(_ reader: inout FieldReader) throws(CanonicalError) {
        name = try reader.text("name", max: SealingLimits.text)
        capacity = try reader.optionalString("capacity", max: SealingLimits.text)
    }
}
