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
        guard role != .bidder || account != nil else {
            throw Refusal(.invalid, "A bidder belongs to a company: name its account.")
        }
        let token = try BearerToken.make()
        let user = Identifier(random: try Random.sixteen())
        let fresh = Identifier(random: try Random.sixteen())
        let person = try Person.named(name)
        let registration = try siret.map { text throws(Refusal) in try Registration(siret: text) }
        let committed = try register.commit { transaction in
            var drafts: [EventDraft] = []
            let place: Identifier
            var kind: AccountKind = role == .bidder ? .company : .member
            if let name = account {
                if let known = try transaction.account(named: name) {
                    (place, kind) = (known.id, known.kind)
                } else {
                    place = fresh
                    drafts.append(
                        EventDraft(
                            log: .real,
                            fact: try AccountCreated.creating(
                                fresh, kind: kind, name: name, registration: registration)))
                }
            } else {
                guard let holder = try transaction.holder() else {
                    throw VaultFailure.register("there is no holder account")
                }
                (place, kind) = (holder, .holder)
            }
            drafts.append(
                EventDraft(
                    log: .real,
                    fact: try UserAdded.adding(
                        user, to: place, of: kind, roles: [role], person: transaction.keep(person))))
            drafts.append(EventDraft(log: .real, fact: TokenIssued(user: user, token: token.digest)))
            return drafts
        }
        guard let place = committed.compactMap({ ($0.fact as? UserAdded)?.account }).first else {
            throw VaultFailure.register("the user's event is missing")
        }
        return (user, place, token.text)
    }
}

extension Vault {
    /// A new token for a user; those before end, at once or after a grace. In one transaction: there is no moment without one.
    ///
    /// - Parameter grace: milliseconds; at most 30 days.
    /// - Returns: the token, shown once, and how many end.
    public func renewToken(of user: Identifier, grace: Int64) throws -> (token: String, ended: Int) {
        guard (0...30 * 86_400_000).contains(grace) else { throw Refusal(.invalid, "grace: from 0 to 30 days, in milliseconds.") }
        let token = try BearerToken.make()
        let from = Instant(milliseconds: clock.now.milliseconds + grace)
        let committed = try register.commit { transaction in
            let old = try transaction.tokens(of: user)
            guard !old.isEmpty else { throw Refusal(.notFound, "No such user, or none with a token.") }
            return [EventDraft(log: .real, fact: TokenIssued(user: user, token: token.digest))]
                + old.map { EventDraft(log: .real, fact: TokenEnded(user: user, token: $0, from: from)) }
        }
        return (token.text, committed.count { $0.fact is TokenEnded })
    }

    /// The one user of that name, of that account where it is given.
    public func user(named name: String, account: String?) throws -> Identifier {
        let found = try register.read { try $0.users(named: name) }.filter { account == nil || $0.account == account }
        guard let first = found.first else { throw Refusal(.notFound, "No user of that name.") }
        guard found.count == 1 else {
            let accounts = Set(found.map(\.account)).sorted().prefix(10).joined(separator: ", ")
            throw Refusal(.invalid, "There are \(found.count) users of that name (\(accounts)): name the account.")
        }
        return first.user
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
