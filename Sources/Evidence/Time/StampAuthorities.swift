public import Canonical
public import OpenSSL

/// Whose timestamps a verifier takes for what: those of an authority that the reader trusts, and that is not the platform's
/// own, prove an instant; all others rest on the operator's word.
public struct StampAuthorities: Sendable {
    /// Those whom the reader trusts; empty where none was named.
    public let trusted: [Certificate]
    /// The vault whose evidence is looked at; nil where nothing says which it is.
    public let instance: Identifier?

    public init(trusted: [Certificate], instance: Identifier?) {
        self.trusted = trusted
        self.instance = instance
    }

    /// The common name of a vault's own authority. It says whose it is, so that a reader who gives its certificate as one to
    /// trust is told that it is the operator's.
    ///
    /// - Returns: at most 64 characters (RFC 5280, upper bounds): `Agglomération, sceau/<instance>`.
    public static func ownName(_ name: String, instance: Identifier) -> String {
        let end = ", sceau/\(instance)"
        return String(String.UnicodeScalarView(name.unicodeScalars.prefix(64 - end.unicodeScalars.count))) + end
    }

    /// Whether a token is the platform's own: a certificate of its chain is named for this vault, or issued by one that is; or
    /// the policy is that of vaults' own authorities, and none of its chain is named for another one.
    ///
    /// Who runs both can hide it. Whom to trust is the reader's to know; this is so that nobody takes the operator's clock for
    /// another by mistake.
    func isOwn(_ token: TimestampToken, _ chain: [Certificate]) -> Bool {
        let names = chain.flatMap { [$0.shortName, $0.issuerName] }.compactMap(Self.instance)
        if let instance, names.contains(instance) { return true }
        return token.policy.description == TimestampAuthority.embeddedPolicy && names.isEmpty
    }

    private static func instance(in name: String) -> Identifier? {
        let words = name.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count > 1, words[words.count - 2].hasSuffix("sceau") else { return nil }
        return try? Identifier(String(words[words.count - 1]))
    }
}
