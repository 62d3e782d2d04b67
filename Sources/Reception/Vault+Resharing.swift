public import Canonical
import OpenSSL
public import Procurement
import Records
import Sealing

/// A set of keys as committee and buyer see it.
public struct KeysView: Sendable {
    public let fingerprint: Digest
    public let keySet: [UInt8]
    public let capsules: [[UInt8]]
    /// Of the set first made.
    public let original: Digest?
    /// Of a set that a re-share has dealt, and that is not in force yet.
    public let pending: Digest?
    public let acceptances: [(number: Int, name: String, signed: [UInt8])]
    /// All sets of the consultation; empty where there never was but one.
    public let sets: [ListedKeySet]
}

/// A key set of a consultation that has several.
public struct ListedKeySet: Sendable, Equatable {
    public enum State: String, Sendable {
        /// Another took over from it: earlier bids are sealed to it.
        case earlier
        /// For bids to come.
        case current
        /// Not in force yet.
        case proposed
    }

    /// As it was first made.
    public let original: Digest
    public let state: State
}

extension Consultation {
    var listedKeySets: [ListedKeySet] {
        guard !earlier.isEmpty || proposed != nil else { return [] }
        return earlier.map { ListedKeySet(original: $0.keys.original, state: .earlier) }
            + [keys].compactMap { $0.map { ListedKeySet(original: $0.original, state: .current) } }
            + [proposed].compactMap { $0.map { ListedKeySet(original: $0.original, state: .proposed) } }
    }
}

/// How the keys in force came from those first made, with all that a tool needs to check it by itself.
public struct SuccessionView: Sendable {
    public struct Link: Sendable {
        public let announcement: [UInt8]
        public let committee: [UInt8]
        public let approvals: [[UInt8]]
        public let renewed: KeysView
    }

    public let first: KeysView
    public let links: [Link]
    public let pending: Link?
}

extension Vault {
    /// The keys that a re-share has dealt. They stand beside those in force until enough of their members have accepted.
    public func reshare(
        _ id: Identifier, opening openingID: Identifier, by principal: Principal, keySet: [UInt8], capsules: [[UInt8]]
    ) throws -> Digest {
        let (material, proposed) = try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try consultation.checkResharing(principal)
            let (state, _) = try self.opening(openingID, of: consultation, in: register)
            guard let committee = state.committee else { throw Refusal(.notFound) }
            guard let bytes = try register.object(committee) else { throw VaultFailure.register("a committee is missing") }
            // Of the set that this re-share was announced for: the rules ask below whether it is still in force.
            return (try self.material(state.keys, of: id, in: register), try ProposedCommittee(canonical: bytes))
        }
        let renewed = try Vault.refusing(.keys) {
            let renewed = try KeyMaterial(keySet: keySet, capsules: capsules)
            try Reshare.check(renewed.committee, replaces: material.committee, for: proposed)
            try renewed.committee.checkMembers(at: clock.now)
            return renewed
        }
        let parts = zip(renewed.keySet.parts, renewed.capsules).map { part, capsule in
            KeysSet.Part(
                part: part.part, certificate: part.certificate, capsule: part.capsule, secret: capsule.platformDigest)
        }
        _ = try register.commit { [self] transaction in
            let consultation = try self.consultation(id, in: transaction)
            let (state, _) = try self.opening(openingID, of: consultation, in: transaction)
            guard
                let fact = try consultation.resharing(
                    state, fingerprint: renewed.keySet.fingerprint, replaces: material.keySet.fingerprint,
                    k: renewed.committee.k, n: renewed.committee.members.count, parts: parts,
                    among: transaction.openings(of: id), by: principal)
            else { return [] }
            for object in [keySet] + capsules { _ = try transaction.keep(object) }
            return [EventDraft(log: consultation.log, fact: fact)]
        }
        return renewed.keySet.fingerprint
    }

    /// - Parameter set: its fingerprint as first made; nil for the set of bids to come.
    public func succession(of id: Identifier, set: Digest? = nil, for principal: Principal) throws -> SuccessionView {
        try register.read { [self] register in
            let consultation = try self.consultation(id, in: register)
            try consultation.check(principal, may: .readKeys)
            let found = try self.keySet(set, of: consultation)
            let keys = found.keys
            // A buyer may have sealed anew before publication: what came before those keys is another story.
            let replacements = try register.replacements(of: id).filter { $0.original == keys.original }
            return SuccessionView(
                first: try view(keys.original, of: consultation, in: register),
                links: try replacements.map { try link($0.opening, $0.fingerprint, of: consultation, in: register) },
                pending: try found.pending.map {
                    try link($0.opening, $0.keys.fingerprint, of: consultation, in: register)
                })
        }
    }

    private func link(
        _ openingID: Identifier, _ fingerprint: Digest, of consultation: Consultation, in register: some RegisterReading
    ) throws -> SuccessionView.Link {
        let (state, announcement) = try opening(openingID, of: consultation, in: register)
        guard let committee = try state.committee.flatMap({ try register.object($0) }) else {
            throw VaultFailure.register("a committee is missing")
        }
        return SuccessionView.Link(
            announcement: announcement, committee: committee, approvals: try approvals(of: state, in: register).map(\.signed),
            renewed: try view(fingerprint, of: consultation, in: register))
    }

    private func view(
        _ fingerprint: Digest, of consultation: Consultation, in register: some RegisterReading
    ) throws -> KeysView {
        let material = try self.material(fingerprint, of: consultation.id, in: register)
        return KeysView(
            fingerprint: fingerprint, keySet: material.keySetBytes, capsules: material.capsuleBytes,
            original: try register.keys(fingerprint, of: consultation.id)?.original, pending: nil,
            acceptances: try acceptances(of: material, in: register), sets: [])
    }
}
