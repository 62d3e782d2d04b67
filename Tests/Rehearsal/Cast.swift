import Foundation

/// The people of a story: a buyer, a committee with keys, two companies. Made once for an instance; the daemon must run.
public final class Cast {
    public let instance: Instance
    public let buyer: Person
    public let members: [Person]
    public let bidders: [Person]

    public init(at instance: Instance, members count: Int = 3) throws {
        self.instance = instance
        buyer = try Person("Mairie de Valbourg", role: "buyer", at: instance, account: "Valbourg", siret: "21990001200011")
        members = try (1...count).map {
            let member = try Person("Membre \($0)", role: "opener", at: instance, account: "Valbourg")
            try member.makeKey()
            return member
        }
        bidders = try ["Alpes Béton", "Bâti Sud"].enumerated().map { index, company in
            try Person(
                "Commercial \(index + 1)", role: "bidder", at: instance, account: company,
                siret: "5521002240001\(index)")
        }
    }

    /// A daemon that runs, and its cast.
    public static func ready(members: Int = 3, recovery: String? = nil) throws -> Cast {
        let instance = try Instance(recovery: recovery)
        try instance.start()
        return try Cast(at: instance, members: members)
    }

    /// A consultation that the buyer made and nobody else has seen.
    public func draft(deadlineIn seconds: Double = 3600, training: Bool = false, parts: [String] = []) throws -> Consultation {
        let deadline = Consultation.instant(seconds: seconds, after: instance.now)
        let id = try buyer.sceauChecked(
            ["consultation", "create", "--reference", "2026-T-\(Int.random(in: 1000...9999))", "--title", "Réfection du gymnase",
                "--deadline", deadline] + (training ? ["--training"] : []) + parts.flatMap { ["--part", $0] })
        return Consultation(id: id, deadline: deadline, cast: self)
    }

    /// A draft with its keys put, that nobody has accepted yet.
    public func sealed(deadlineIn seconds: Double = 3600, quorum: Int = 2, parts: [String] = []) throws -> Consultation {
        let consultation = try draft(deadlineIn: seconds, parts: parts)
        try consultation.seal(to: members, quorum: quorum)
        return consultation
    }

    /// A consultation accepted by every member and published, that closes so many seconds from now.
    public func published(deadlineIn seconds: Double = 3600, quorum: Int = 2, parts: [String] = []) throws -> Consultation {
        let consultation = try sealed(deadlineIn: seconds, quorum: quorum, parts: parts)
        for member in members { try consultation.accept(member) }
        try buyer.sceauChecked(["consultation", "publish", consultation.id])
        return consultation
    }
}
