import Canonical
import Sealing

/// A consultation as this tool may trust it: what the daemon shows, held against pins, digests and signatures.
struct Dossier {
    let id: Identifier
    let view: ConsultationView
    let keySet: KeySet
    let capsules: [Capsule]
    let committee: Committee
    let fingerprint: Digest
    /// With the latest deadline ever seen, this time included.
    let pin: Pin

    /// - Parameter given: the fingerprint as its person knows it.
    static func fetch(
        _ invocation: Invocation, _ daemon: Daemon, _ id: Identifier, given: Digest? = nil
    ) throws(CommandError) -> Dossier {
        let view: ConsultationView = try daemon.get(["consultations", id.text])
        guard view.id == id else { throw .refused("the daemon shows another consultation than the one asked for") }
        let pins = try invocation.pins()
        try pins.saw(deadline: view.deadline, of: id).check(shown: view.deadline)
        let keys: KeysView = try daemon.get(["consultations", id.text, "keys"])
        let fingerprint = Digest(of: keys.keySet.bytes)
        // The pin comes first: nothing of a changed set is even parsed.
        let pin = try pins.check(fingerprint: fingerprint, given: given, of: id)
        do {
            let keySet = try KeySet(canonical: keys.keySet.bytes)
            var capsules: [Capsule] = []
            for capsule in keys.capsules { capsules.append(try Capsule(canonical: capsule.bytes)) }
            guard keySet.consultation == id else { throw CommandError.refused("the key set is another consultation's") }
            return Dossier(
                id: id, view: view, keySet: keySet, capsules: capsules,
                committee: try Committee(keySet, capsules), fingerprint: fingerprint, pin: pin)
        } catch let error as CommandError {
            throw error
        } catch {
            throw .refused("the daemon's keys do not hold together: \(error)")
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
    private func warnOfFirstSight(_ invocation: Invocation) {
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
