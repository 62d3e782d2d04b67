import Canonical
import HTTP
import Procurement
import Reception

extension FrontDesk {
    /// What the host asks of its own keys and of tokens, over its own socket.
    func answerKeys(_ route: Route, _ body: [UInt8]) throws -> Response {
        switch route {
        case .addKey:
            let asked = try NewHostKey.reading(body)
            let key = try keeper().add(kind(asked.kind), certificate: asked.certificate, key: asked.key, hosts: asked.hosts ?? [])
            return .json(key.json(at: vault.clock.now), status: 201)
        case .retireKey:
            let asked = try NewRetirement.reading(body)
            let certificate = try digest(asked.certificate)
            try keeper().retire(kind(asked.kind), certificate)
            return .json(.object(["certificate": .digest(certificate)]))
        case .rotateLog:
            guard let log = Log(rawValue: try NewRotation.reading(body).log) else { throw Refusal(.invalid, "log: real or training.") }
            return .json(.object(["key": .string(try keeper().rotate(log))]), status: 201)
        case .recordRehearsal:
            let asked = try NewRehearsal.reading(body)
            guard (0...(1 << 52)).contains(asked.secrets) else { throw Refusal(.invalid, "secrets: a number.") }
            try vault.recordRehearsal(certificate: digest(asked.certificate), secrets: asked.secrets)
            return .json(.object(["secrets": .integer(asked.secrets)]), status: 201)
        case .renewToken:
            let asked = try NewToken.reading(body)
            let user = try vault.user(named: asked.name, account: asked.account)
            let (token, ended) = try vault.renewToken(of: user, grace: asked.grace ?? 0)
            return .json(
                .object(["user": .identifier(user), "token": .string(token), "ended": .integer(Int64(ended))]), status: 201)
        default: throw Refusal(.notFound)
        }
    }

    private func keeper() throws(Refusal) -> any HostKeyKeeping {
        guard let keys else { throw Refusal(.notFound) }
        return keys
    }

    private func kind(_ word: String) throws(Refusal) -> HostKeyKind {
        guard let kind = HostKeyKind(rawValue: word) else { throw Refusal(.invalid, "kind: time-lock, recovery, timestamp, timestamp-authority or tls.") }
        return kind
    }

    private func digest(_ hex: String) throws(Refusal) -> Digest {
        do { return try Digest(hex: hex) } catch { throw Refusal(.invalid, "certificate: not 64 lower-case hex digits.") }
    }
}

extension HostKey {
    func json(at now: Instant) -> JSON {
        var fields: [String: JSON] = [
            "kind": .string(kind.rawValue), "certificate": .digest(digest), "notBefore": .instant(notBefore),
            "notAfter": .instant(notAfter), "current": .bool(isCurrent),
        ]
        fields["notice"] = notice(at: now).map { .string($0.rawValue) }
        return .object(fields)
    }
}

extension Vault.KeyState {
    var json: JSON {
        var fields: [String: JSON] = [
            "keys": .array(
                keys.map { key in
                    guard case .object(var fields) = key.json(at: now) else { return .object([:]) }
                    fields["needed"] = .array(needing(key).map(\.json))
                    return .object(fields)
                })
        ]
        fields["recoveryRehearsed"] = rehearsed.map(JSON.instant)
        return .object(fields)
    }
}

extension KeyNeeds.Need {
    /// What is not published has no reference for whoever looks after the host.
    var json: JSON {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "part": .string(part), "deadline": .instant(deadline),
            "phase": .string(phase.rawValue),
        ]
        if phase != .sealed { fields["reference"] = .string(reference) }
        return .object(fields)
    }
}
