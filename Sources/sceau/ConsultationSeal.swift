import Canonical
import OpenSSL
import Sealing

extension Command {
    static let consultationSeal = Command(
        path: ["consultation", "seal"],
        summary: "make the consultation's keys and deal the committee's shares",
        discussion: """
            Runs the key ceremony on this machine: for each part a key pair, whose private half can be rebuilt by \
            K members together with the platform, after the deadline, and by nobody else. Nothing secret \
            stays here; before anything is sent, the shares are tried.

            The fingerprint goes to stdout and is pinned here. Read it aloud to the members and put it into the tender \
            documents: it is how everybody knows these keys from others.

            What this cannot prove: that whoever ran the ceremony kept no copy.
            """,
        operands: [.consultation],
        options: [
            .list(
                "member", "CERT",
                "members' certificates (PEM), in the order of their numbers; CERT,SIGNING for a card with two"),
            .required("quorum", "K", "how many of them open"),
            Command.json,
        ],
        run: { (invocation) throws(CommandError) in try ConsultationSeal(invocation).run() })
}

struct ConsultationSeal {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() throws(CommandError) -> Outcome {
        let id = try invocation.consultation()
        var members: [CommitteeMember] = []
        for argument in invocation.values("member") { members.append(try Self.member(argument)) }
        for (index, member) in members.enumerated()
        where members[..<index].contains(where: { $0.certificate == member.certificate }) {
            throw .usage("\(member.name) stands twice among the members")
        }
        guard let quorum = try invocation.integer("quorum", in: 1...members.count) else {
            throw .usage("--quorum is missing")
        }
        let daemon = try Daemon(invocation)
        let view: ConsultationView = try daemon.get(["consultations", id.text])
        guard view.id == id else { throw .refused("the daemon shows another consultation than the one asked for") }
        let pins = try invocation.pins()
        if let known = try pins.pin(of: id).fingerprint {
            throw .refused(
                "this consultation was sealed before; its fingerprint is \(known.hex)",
                hint: "new keys are new keys for everybody who pinned the old ones; if that is meant, remove its pin "
                    + "in SCEAU_HOME/pins")
        }
        // It becomes the keys' `notBefore`: not a word of the platform against what this tool has seen.
        try pins.saw(deadline: view.deadline, of: id).check(shown: view.deadline)

        let platform: PlatformView = try daemon.get(["platform"])
        let made: (keySet: KeySet, capsules: [Capsule])
        do {
            made = try Ceremony.make(
                consultation: id, notBefore: view.deadline, parts: view.parts, members: members, k: quorum,
                timeLock: Certificate(der: platform.timeLock.bytes),
                recovery: platform.recovery.map { try Certificate(der: $0.bytes) }, now: invocation.now)
        } catch {
            throw CommandError("the keys could not be made: \(error)")
        }
        let fingerprint = made.keySet.fingerprint
        // Pinned first: if the answer is lost, the daemon may have them and this tool must know which are its own.
        try pins.check(fingerprint: fingerprint, given: nil, of: id, source: .ceremony)
        let answer: FingerprintView = try put(daemon, id, made)
        guard answer.fingerprint == fingerprint else {
            throw .refused(
                "the daemon says that it took keys with another fingerprint: \(answer.fingerprint.hex), not \(fingerprint.hex)"
            )
        }
        try invocation.answer(
            fingerprint.hex, json: ["consultation": .identifier(id), "fingerprint": .digest(fingerprint)])
        return .done
    }

    private func put(
        _ daemon: Daemon, _ id: Identifier, _ made: (keySet: KeySet, capsules: [Capsule])
    ) throws(CommandError) -> FingerprintView {
        do {
            return try daemon.put(
                ["consultations", id.text, "keys"],
                .object([
                    "keySet": .base64(made.keySet.canonicalBytes),
                    "capsules": .array(made.capsules.map { .base64($0.canonicalBytes) }),
                ]))
        } catch {
            // Refused for certain: those keys will never be anybody's.
            if error.outcome == .refused { try invocation.pins().forget(fingerprint: made.keySet.fingerprint, of: id) }
            throw error
        }
    }

    /// `CERT` or `CERT,SIGNING`; the name is the certificate's.
    static func member(_ argument: String) throws(CommandError) -> CommitteeMember {
        let whole = try? InputFile(argument)
        let paths =
            whole == nil && argument.contains(",")
            ? argument.split(separator: ",", maxSplits: 1).map(String.init) : [argument]
        let certificate = try Self.certificate(paths[0])
        let signing = paths.count == 2 ? try Self.certificate(paths[1]) : nil
        guard let name = certificate.commonName, !name.isEmpty else {
            throw CommandError("the certificate in '\(paths[0])' names nobody", hint: "it needs a common name (CN)")
        }
        return CommitteeMember(name: name, certificate: certificate, signing: signing)
    }

    private static func certificate(_ path: String) throws(CommandError) -> Certificate {
        let bytes = try InputFile.read(path, max: 256 * 1024)
        do { return try Certificate(pem: bytes) } catch {
            throw CommandError("'\(path)' holds no certificate that can be read (PEM)")
        }
    }
}
