import Canonical
import Foundation
import Sealing

/// Before a share helps to make another's: its holder has seen whose, by name and certificate.
struct Confirmation {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    /// Shows the committee, and asks: by its digest on the command line, or on the terminal.
    func ask(_ proposed: ProposedCommittee, announcedBy announcer: String) throws(CommandError) {
        let terminal = invocation.terminal
        terminal.note("member \(announcer) asks to replace the committee: new shares, of which \(proposed.k) of \(proposed.members.count) will open, go to")
        for (index, member) in proposed.members.enumerated() {
            terminal.note("  \(index + 1) \(member.name), certificate \(Digest(member.certificate).hex)")
            if let signing = member.signing { terminal.note("    signs with certificate \(Digest(signing).hex)") }
        }
        terminal.note("committee \(proposed.digest.hex)")
        if let given = try invocation.fingerprint("to-committee") {
            guard given == proposed.digest else {
                throw .refused(
                    "the re-share deals to the committee \(proposed.digest.hex), not to the one given",
                    hint: "compare the names and certificates above with who announced it, by another way than this platform")
            }
            return
        }
        guard try isConfirmed() else { throw .refused("not approved: the committee was not confirmed") }
    }

    private func isConfirmed() throws(CommandError) -> Bool {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else {
            throw .refused(
                "to whom your share will be dealt anew must be confirmed, and there is no terminal to ask on",
                hint: "compare the certificates above, then give --to-committee with the committee's digest")
        }
        defer { close(terminal) }
        let question = Array("Lend your share to this committee's new shares? Type yes: ".utf8)
        _ = write(terminal, question, question.count)
        var typed: [UInt8] = []
        var byte: UInt8 = 0
        while typed.count < 64, read(terminal, &byte, 1) == 1, byte != 0x0A { typed.append(byte) }
        return String(decoding: typed, as: UTF8.self).trimmingCharacters(in: .whitespaces).lowercased() == "yes"
    }
}
