import Canonical
import Foundation
import Sealing

extension Command {
    private static let consultationFile = Operand(name: "CONSULTATION", help: "what the platform shows of it: GET /api/v1/consultations/ID, saved")

    static let bidSeal = Command(
        path: ["bid", "seal"],
        summary: "seal a bid on this machine, without a network",
        discussion: """
            Writes an envelope that 'sceau bid send' sends: the platform then never sees what is in it, and cannot say \
            what it received but by its digests. It can be opened by the committee, after the deadline, and by nobody else: not \
            by you either, so keep the files.

            The folder also holds the list of the files in the clear (manifest-….json), which your receipt will need.
            """,
        operands: [consultationFile, Operand(name: "FILE", help: "files and folders to seal", isList: true)],
        options: [
            .required("key", "FINGERPRINT", "the key set's fingerprint, from the tender documents"),
            .required("depositor", "ACCOUNT", "your company's account: 'account' of GET /api/v1/platform"),
            .required("out", "FOLDER", "a new folder for the envelope"),
            .optional("part", "NAME", "the consultation's part that these files are of"),
            .several("lots", "LOT", "the lots that these files are about"),
            .optional("candidate", "FILE", "who bids, as JSON: lead, members, signatories, subcontractors"),
        ],
        run: { (invocation) throws(CommandError) in
            let bytes = try InputFile.read(invocation.operand("CONSULTATION"), max: 64 << 20)
            let view: ConsultationView
            do { view = try JSONDecoder().decode(ConsultationView.self, from: Data(bytes)) } catch {
                throw CommandError("'\(try invocation.operand("CONSULTATION"))' is not what the platform shows of a consultation")
            }
            let keys = try DepositKeys(view, of: view.id)
            guard try invocation.fingerprint("key") == keys.fingerprint else {
                throw .refused(
                    "the key set has the fingerprint \(keys.fingerprint.hex), not the one given",
                    hint: "do not go on: compare with the tender documents, and tell the buyer by another way than this platform")
            }
            try keys.checkForSealing(invocation)
            let files = try BidDocuments.look(invocation)
            let bid = try Identifier.random()
            let depositor = try invocation.identifier(invocation.required("depositor"), "an account")
            try SealedDeposit.seal(invocation, files, keys, bid: bid, for: depositor, at: invocation.required("out"))
            try invocation.terminal.write(bid.text + "\n")
            return .done
        })

    static let bidSend = Command(
        path: ["bid", "send"],
        summary: "send a bid that was sealed by 'sceau bid seal'",
        discussion: """
            Ciphertext goes out, resumed where it stopped as by 'sceau bid deposit', and the envelope with it; the platform \
            checks all that can be checked without a key. The receipt goes to stdout as JSON. The folder stays: it is yours to remove.
            """,
        operands: [Operand(name: "FOLDER", help: "the envelope's")],
        options: [
            .optional("intent", "WORD", "what it is to an earlier bid: replaces or complements"),
            .optional("bid-code-file", "FILE", "the bid's code; made and written there if the file does not exist"),
            .optional("key", "FINGERPRINT", "the key set's fingerprint, from the tender documents"),
            .optional("patience", "SECONDS", "how long to try again while nothing gets on (900)"),
        ],
        run: { (invocation) throws(CommandError) in
            let folder = try SealedFolder(invocation.operand("FOLDER"))
            let seal = folder.envelope.seal
            let daemon = try Daemon(invocation)
            let keys = try DepositKeys.check(invocation, daemon, seal.consultation)
            guard keys.fingerprint == seal.keys else {
                throw .refused("the keys were replaced since this bid was sealed", hint: "seal it again, to the keys of now")
            }
            // Before its number is taken: who was only given an envelope must not keep its bidder from sending it.
            let platform: PlatformView = try daemon.get(["platform"])
            if let account = platform.account { try folder.check(depositor: account) }
            let deposit = try SealedDeposit(invocation, daemon, seal.consultation, words: ["send", seal.bid.text])
            let (bid, _) = try deposit.open(seal.bid)
            return try deposit.send(folder, as: bid)
        })
}

/// The files of a command that deposits or seals, with what is odd about them said.
enum BidDocuments {
    static func look(_ invocation: Invocation) throws(CommandError) -> [BidFile] {
        let paths = invocation.arguments.rest
        guard !paths.isEmpty else {
            throw .usage("FILE is missing: files and folders", hint: Help.usage(of: invocation.arguments.command))
        }
        let files = try BidFile.all(paths)
        for file in files {
            for warning in FileLook.warnings(file.path) { invocation.terminal.warn("'\(file.label)' \(warning)") }
        }
        return files
    }
}
