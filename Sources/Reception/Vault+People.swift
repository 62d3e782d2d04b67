public import Canonical
import OpenSSL
public import Procurement
import Records
import Sealing

extension Vault {
    /// A user with one role, and the token it signs in with.
    ///
    /// - Parameters:
    ///   - account: the account's name, made where it is new (a company's for a bidder, a member body's otherwise); the
    ///     holder's where nil.
    /// - Returns: the token, shown once: the register keeps its SHA-256.
    public func addUser(
        name: String, role: Role, account: String?, siret: String?
    ) throws -> (user: Identifier, account: Identifier, token: String) {
        for text in [name, account, siret].compactMap({ $0 }) {
            guard !text.isEmpty, text.utf8.count <= 400, !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
                throw Refusal(.invalid, "A name is 1 to 400 bytes without control characters.")
            }
        }
        guard role != .bidder || account != nil else {
            throw Refusal(.invalid, "A bidder belongs to a company: name its account.")
        }
        let token = try BearerToken.make()
        let user = Identifier(random: try Random.sixteen())
        let fresh = Identifier(random: try Random.sixteen())
        let person = Person(name: name)
        let committed = try register.commit { transaction in
            var drafts: [EventDraft] = []
            let place: Identifier
            let kind: AccountKind = role == .bidder ? .company : .member
            if let name = account {
                if let known = try transaction.account(named: name) {
                    guard (known.kind == .company) == (kind == .company) else {
                        throw Refusal(.invalid, "This account is of another kind.")
                    }
                    place = known.id
                } else {
                    place = fresh
                    drafts.append(
                        EventDraft(
                            log: .real, fact: AccountCreated(account: fresh, kind: kind, name: name, siret: siret)))
                }
            } else {
                guard let holder = try transaction.holder() else {
                    throw VaultFailure.register("there is no holder account")
                }
                place = holder
            }
            drafts.append(
                EventDraft(
                    log: .real,
                    fact: UserAdded(user: user, account: place, roles: [role], person: try transaction.keep(person))))
            drafts.append(EventDraft(log: .real, fact: TokenIssued(user: user, token: token.digest)))
            return drafts
        }
        guard let place = committed.compactMap({ ($0.fact as? UserAdded)?.account }).first else {
            throw VaultFailure.register("the user's event is missing")
        }
        return (user, place, token.text)
    }
}

/// `sceau_` and 256 random bits in hex, so that a token found in a file says what it is.
public struct BearerToken: Sendable {
    public let text: String
    public var digest: Digest { Digest(SHA256.hash(Array(text.utf8))) }

    public static func make() throws -> BearerToken {
        BearerToken(text: "sceau_" + (try Digest(bytes: Random.bytes(32))).hex)
    }

    private init(text: String) { self.text = text }
}
