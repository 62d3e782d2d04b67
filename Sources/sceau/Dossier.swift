import Canonical
import Sealing

/// A consultation as this tool may trust it: what the daemon shows, held against pins, digests and signatures.
struct Dossier {
    let id: Identifier
    let view: ConsultationView
    let keySet: KeySet
    let capsules: [Capsule]
    let committee: Committee
    /// Of the keys in force.
    let fingerprint: Digest
    /// Of the keys first made, which bids, closing statement and tender documents name.
    var original: Digest { pin.original ?? fingerprint }
    /// Of the keys in force.
    var acceptances: [ConsultationView.AcceptanceView] = []
    /// Of keys that a re-share has dealt, and that are not in force, as the daemon says.
    var pending: Digest?
    /// With the latest deadline ever seen, this time included.
    let pin: Pin
    /// Of which of several key sets this is, by the fingerprint first made; nil where there is but one.
    var set: Digest? = nil

    /// - Parameters:
    ///   - given: the fingerprint as its person knows it; chooses, where a consultation has several key sets.
    ///   - named: chooses too, and vouches for nothing.
    static func fetch(
        _ invocation: Invocation, _ daemon: Daemon, _ id: Identifier, given: Digest? = nil, named: Digest? = nil
    ) throws(CommandError) -> Dossier {
        let view: ConsultationView = try daemon.get(["consultations", id.text])
        guard view.id == id else { throw .refused("the daemon shows another consultation than the one asked for") }
        let pins = try invocation.pins()
        try pins.saw(deadline: view.deadline, of: id).check(shown: view.deadline)
        let keys = try KeysView.fetch(daemon, id, pins, wanted: given ?? named)
        let set = keys.sets == nil ? nil : keys.original
        let fingerprint = keys.fingerprint
        // The pin comes first: nothing of a changed set is even parsed.
        let followed = try followed(invocation, daemon, view, keys, set: set, given: given)
        let pin = if let followed { followed } else { try pins.check(fingerprint: fingerprint, given: given, of: id, set: set) }
        do {
            let keySet = try KeySet(canonical: keys.keySet.bytes)
            var capsules: [Capsule] = []
            for capsule in keys.capsules { capsules.append(try Capsule(canonical: capsule.bytes)) }
            guard keySet.consultation == id else { throw CommandError.refused("the key set is another consultation's") }
            return Dossier(
                id: id, view: view, keySet: keySet, capsules: capsules,
                committee: try Committee(keySet, capsules), fingerprint: fingerprint,
                acceptances: keys.acceptances ?? view.acceptances ?? [], pending: keys.pending, pin: pin, set: set)
        } catch let error as CommandError {
            throw error
        } catch {
            throw .refused("the daemon's keys do not hold together: \(error)")
        }
    }

    /// The pin, where a re-share leads from what is known here to what is shown: by the signatures of the members before.
    private static func followed(
        _ invocation: Invocation, _ daemon: Daemon, _ view: ConsultationView, _ keys: KeysView, set: Digest?, given: Digest?
    ) throws(CommandError) -> Pin? {
        let fingerprint = keys.fingerprint
        let pins = try invocation.pins()
        let pin = try pins.pin(of: view.id, set: set)
        let isKnown = pin.fingerprint == fingerprint && (given == nil || given == fingerprint)
        let isReplaced = keys.original.map { $0 != fingerprint } ?? false
        // Given by who read it to the new members before it is in force.
        let isPending = given != nil && given == keys.pending
        guard !isKnown, isReplaced || isPending else { return nil }
        do throws(CommandError) {
            let succession = try Successions.fetch(daemon, view, set: set)
            guard succession.current.fingerprint == fingerprint else {
                throw .refused("the daemon's succession does not end with the keys that it shows")
            }
            guard let (moved, hasMoved) = try pins.follow(succession, given: given, of: view.id, set: set) else { return nil }
            if hasMoved {
                let current = succession.current
                invocation.terminal.note(
                    "the committee was replaced, as members of the one before signed; now \(Successions.people(current.k, current.members.map(\.name)))")
            }
            return moved
        } catch {
            guard error.outcome == .refused else { throw error }
            // Refused below, as any change of keys is.
            invocation.terminal.warn(error.message)
            return nil
        }
    }

    /// Everything that must have passed before this tool helps to open anything.
    var deadlines: [Instant] { [view.deadline] + capsules.map(\.notBefore) + (pin.deadline.map { [$0] } ?? []) }

    /// The latest deadline known, from wherever.
    var latestDeadline: Instant { max(view.deadline, pin.deadline ?? view.deadline) }

    /// `3 (Claire Dubois)`.
    func member(_ number: Int) -> String {
        committee.members.first { $0.number == number }.map { "\(number) (\(Terminal.printable($0.name)))" }
            ?? "\(number)"
    }

    /// Whether a member's key lies on paper.
    func isPaper(_ number: Int) -> Bool {
        committee.members.first { $0.number == number }?.certificate.isPaper ?? false
    }

    /// The member whose key the command was given, for what helps to open: not before this machine's own clock has passed
    /// every deadline, and before the key is read at all.
    func memberToOpen(_ invocation: Invocation) throws(CommandError) -> Member {
        warnOfFirstSight(invocation)
        try OwnClock.check(invocation.now, hasPassed: deadlines)
        return try MemberKey.load(invocation)
    }

    /// Says so where nobody but the daemon ever vouched for these keys: a share lent under keys of its making would be
    /// lent to a session of its making.
    func warnOfFirstSight(_ invocation: Invocation) {
        guard pin.source == .firstSight else { return }
        invocation.terminal.warn(
            "these keys are known here on the platform's word only; --fingerprint \(fingerprint.hex) would hold them to "
                + "what the buyer told you")
    }

    /// Our own number, by the certificate in the capsules.
    func number(of member: borrowing Member) throws(CommandError) -> Int {
        do { return try member.number(in: committee) } catch {
            throw .refused(
                "your key is not in this consultation's committee: \(error.text)",
                hint: "its members: " + committee.members.map { self.member($0.number) }.joined(separator: ", "))
        }
    }
}
