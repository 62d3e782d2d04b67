import Canonical
import Sealing

/// What a bidder's tool holds against the keys that the platform shows.
enum DepositKeys {
    static func check(_ invocation: Invocation, _ daemon: Daemon, _ id: Identifier) throws(CommandError) {
        let view: ConsultationView = try daemon.get(["consultations", id.text])
        guard view.id == id else { throw .refused("the daemon shows another consultation than the one asked for") }
        guard let bytes = view.keySet?.bytes else {
            throw .refused("this consultation has no keys yet: nothing can be deposited")
        }
        let shown = Digest(of: bytes)
        guard view.fingerprint == nil || view.fingerprint == shown else {
            throw .refused("the daemon shows a key set that does not have the fingerprint it says")
        }
        let keySet: KeySet
        do { keySet = try KeySet(canonical: bytes) } catch {
            throw .refused("the key set is malformed: \(error.reason)")
        }
        guard keySet.consultation == id else { throw .refused("the key set is another consultation's") }
        for shown in view.certificates ?? [] {
            guard
                keySet.parts.contains(where: {
                    $0.part == shown.part && $0.certificate == Digest(of: shown.certificate.bytes)
                })
            else { throw .refused("the certificate of part '\(shown.part)' is not in the key set") }
        }
        let given = try invocation.fingerprint("key")
        let pins = try invocation.pins()
        let pin = try pins.pin(of: id)
        // A bidder's first sight is no knowledge: only what was given, or is known from a ceremony, is pinned.
        if given != nil || pin.fingerprint != nil {
            try pins.check(fingerprint: shown, given: given, of: id)
        } else {
            invocation.terminal.note(
                "the key is taken on the platform's word; --key \(shown.hex) would hold it to the tender documents")
        }
        if view.training { invocation.terminal.warn("this consultation is an exercise: a bid in it does not count") }
    }
}
