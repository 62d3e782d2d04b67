import Canonical
import OpenSSL
import Sealing

/// The keys of a consultation, as far as a bidder's tool can hold them against anything.
struct DepositKeys {
    let consultation: Identifier
    let fingerprint: Digest
    let keySet: KeySet
    let certificates: [PartCertificate]
    private let view: ConsultationView

    /// What the daemon shows now, held against what is pinned or given.
    @discardableResult
    static func check(_ invocation: Invocation, _ daemon: Daemon, _ id: Identifier) throws(CommandError) -> DepositKeys {
        let keys = try DepositKeys(daemon.get(["consultations", id.text]), of: id)
        try keys.check(invocation)
        return keys
    }

    init(_ view: ConsultationView, of id: Identifier) throws(CommandError) {
        guard view.id == id else { throw .refused("the daemon shows another consultation than the one asked for") }
        guard let bytes = view.keySet?.bytes else {
            throw .refused("this consultation has no keys yet: nothing can be deposited")
        }
        fingerprint = Digest(of: bytes)
        guard view.fingerprint == nil || view.fingerprint == fingerprint else {
            throw .refused("the daemon shows a key set that does not have the fingerprint it says")
        }
        do { keySet = try KeySet(canonical: bytes) } catch {
            throw .refused("the key set is malformed: \(error.reason)")
        }
        guard keySet.consultation == id else { throw .refused("the key set is another consultation's") }
        var certificates: [PartCertificate] = []
        for shown in view.certificates ?? [] {
            guard
                keySet.parts.contains(where: {
                    $0.part == shown.part && $0.certificate == Digest(of: shown.certificate.bytes)
                })
            else { throw .refused("the certificate of part '\(shown.part)' is not in the key set") }
            do { certificates.append(try PartCertificate(part: shown.part, certificate: Certificate(der: shown.certificate.bytes))) } catch {
                throw .refused("the certificate of part '\(shown.part)' cannot be read")
            }
        }
        self.certificates = certificates
        self.view = view
        consultation = id
    }

    /// Of several key sets, the one for bids to come.
    private var set: Digest? { view.earlierKeys == nil ? nil : fingerprint }

    private func check(_ invocation: Invocation) throws(CommandError) {
        let given = try invocation.fingerprint("key")
        let pins = try invocation.pins()
        let pin = try pins.pin(of: consultation, set: set)
        if let latest = try pins.pin(of: consultation).latest, latest != fingerprint, given == nil {
            throw .refused(
                "THE PLATFORM SHOWS OTHER KEYS THAN THOSE PINNED LAST: \(fingerprint.hex) now, \(latest.hex) before",
                hint: "do not go on: ask the buyer, by another way than this platform, which fingerprint is right, and give it: --key F")
        }
        // A bidder's first sight is no knowledge: only what was given, or is known from a ceremony, is pinned.
        // After a re-share bidders are shown the keys first made, and this tool pins those in force.
        if pin.original == fingerprint, given == nil || given == fingerprint {
            // Known.
        } else if given != nil || pin.fingerprint != nil || pin.isOfAddedKeys {
            try pins.check(fingerprint: fingerprint, given: given, of: consultation, set: set)
        } else {
            invocation.terminal.note(
                "the key is taken on the platform's word; --key \(fingerprint.hex) would hold it to the tender documents")
        }
        if view.training { invocation.terminal.warn("this consultation is an exercise: a bid in it does not count") }
    }

    /// For who seals here: the key set must be known by another way than this platform, and its committee must have said
    /// that it can open.
    ///
    /// Who the members are stands in capsules, whose digests the fingerprint holds and which are not shown to bidders: a
    /// signature here proves that somebody accepted these keys, and the fingerprint from the tender documents which they are.
    func checkForSealing(_ invocation: Invocation) throws(CommandError) {
        let pin = try invocation.pins().pin(of: consultation, set: set)
        let given = try invocation.fingerprint("key")
        guard given == fingerprint || pin.fingerprint == fingerprint || pin.original == fingerprint else {
            throw CommandError(
                "what is sealed to a key on the platform's word is not sealed from the platform",
                hint: "give --key with the fingerprint that stands in the tender documents", .usage)
        }
        var signers: Set<Digest> = []
        for shown in view.acceptances ?? [] {
            do {
                let signed = try Signed(canonical: shown.signed.bytes)
                let acceptance = try signed.verified(as: Acceptance.self)
                guard acceptance.consultation == consultation, acceptance.fingerprint == fingerprint, acceptance.number == shown.number
                else { throw CommandError("it is of other keys, or of another member") }
                signers.insert(Digest(signed.certificate))
            } catch {
                throw .refused("the acceptance of member \(shown.number) does not hold: \(error)", hint: "tell the buyer: a bid sealed now might never open")
            }
        }
        guard !signers.isEmpty, signers.count == view.acceptances?.count else {
            throw .refused("no committee has accepted these keys, or one signer stands for several of its members")
        }
    }

    func certificate(of part: String?) throws(CommandError) -> PartCertificate {
        let parts = keySet.parts.map(\.part)
        let name = part ?? (parts.contains("offer") ? "offer" : parts[parts.count - 1])
        guard let certificate = certificates.first(where: { $0.part == name }) else {
            throw .usage("the consultation has no part '\(name)'", hint: "its parts: \(parts.joined(separator: ", "))")
        }
        return certificate
    }
}
