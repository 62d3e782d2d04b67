import Canonical
import Sealing

struct SuccessionView: Decodable {
    struct LinkView: Decodable {
        let announcement: Base64Bytes
        let committee: Base64Bytes
        let approvals: [Base64Bytes]
        let renewed: KeysView
    }

    let first: KeysView
    let links: [LinkView]
    let pending: LinkView?
}

/// How this tool follows a committee that was replaced: by the signatures of the members before, never on a platform's word.
enum Successions {
    /// Sets of keys that one succession may have: each costs the daemon's answer some megabytes at most.
    private static let longest = 256

    /// The daemon's account of it, every link checked.
    ///
    /// - Parameter set: of one of several key sets; nil where there is but one.
    static func fetch(_ daemon: Daemon, _ view: ConsultationView, set: Digest?) throws(CommandError) -> Succession {
        let shown: SuccessionView = try daemon.get(
            ["consultations", view.id.text, "keys", "succession"], query: set.map { "set=" + $0.hex } ?? "")
        do {
            guard shown.links.count <= longest else { throw CommandError.refused("there are too many") }
            let succession = Succession(
                first: try committee(shown.first), links: try shown.links.map(link), pending: try shown.pending.map(link))
            guard succession.first.keySet.consultation == view.id else {
                throw CommandError.refused("it is another consultation's")
            }
            try succession.verify(log: view.training ? "training" : "real")
            return succession
        } catch {
            throw .refused(
                "what the daemon shows of a committee that was replaced does not hold: \(error)",
                hint: "do not go on: tell the buyer by another way than this platform")
        }
    }

    static func committee(_ keys: KeysView) throws -> Committee {
        try Committee(KeySet(canonical: keys.keySet.bytes), keys.capsules.map { try Capsule(canonical: $0.bytes) })
    }

    private static func link(_ view: SuccessionView.LinkView) throws -> Succession.Link {
        Succession.Link(
            announcement: try Signed(canonical: view.announcement.bytes),
            proposed: try ProposedCommittee(canonical: view.committee.bytes),
            approvals: try view.approvals.map { try Signed(canonical: $0.bytes) }, renewed: try committee(view.renewed),
            acceptances: try (view.renewed.acceptances ?? []).map { try Signed(canonical: $0.signed.bytes) })
    }

    /// `2 of 3: 1 (Claire Dubois), 2 (Ève Le Goff), 3 (Paul Martin)`.
    static func people(_ k: Int, _ names: [String]) -> String {
        let list = names.enumerated().map { "\($0.offset + 1) (\(Terminal.printable($0.element)))" }
        return "\(k) of \(names.count): \(list.joined(separator: ", "))"
    }
}

extension Pins {
    /// Follows a re-share from the pinned fingerprint, or the one given, to the one in force. The pin keeps the first.
    ///
    /// - Returns: nil where the succession does not lead from what is known here to what is shown.
    func follow(
        _ succession: Succession, given: Digest?, of consultation: Identifier, set: Digest? = nil
    ) throws(CommandError) -> (pin: Pin, hasMoved: Bool)? {
        let known = succession.fingerprints
        let pin = try pin(of: consultation, set: set)
        guard pin.fingerprint != nil || given != nil || !pin.isOfAddedKeys else { return nil }
        if let pinned = pin.fingerprint {
            guard known.contains(pinned), pin.original == nil || pin.original == known[0] else { return nil }
            // Without another one kept, what was pinned is the first.
            guard pin.original != nil || pin.fingerprint == known[0] || pin.source == .firstSight else { return nil }
        }
        // What was dealt and is not in force may be given by who has read it to its members.
        guard given.map({ known.contains($0) || $0 == succession.pending?.renewed.fingerprint }) ?? true else { return nil }
        let hasMoved = pin.fingerprint != nil && pin.fingerprint != succession.current.fingerprint
        let moved = try change(consultation, set: set) { pin in
            let wasKnown = pin.fingerprint != nil && pin.source != .firstSight
            pin.fingerprint = succession.current.fingerprint
            pin.original = known.count > 1 ? known[0] : nil
            if !wasKnown { pin.source = given.map(known.contains) == true ? .given : .firstSight }
        }
        return (moved, hasMoved)
    }
}
