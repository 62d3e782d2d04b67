import Canonical
import OpenSSL

/// The code that only the depositor knows: with it a bid is replaced, withdrawn, and its receipt read in full.
enum BidCode {
    /// Reads the code from `path`; if nothing is there, makes one and keeps it there first, so that no answer that gets
    /// lost can take it away.
    static func readOrMake(at path: String) throws(CommandError) -> (code: String, isNew: Bool) {
        do throws(CommandError) {
            return (try read(at: path), false)
        } catch {
            guard !exists(path) else { throw error }
            let random: InlineArray<16, UInt8>
            do { random = try Random.sixteen() } catch { throw CommandError("no random bytes: \(error)") }
            let code = Identifier(random: random).text
            try OutputFile.create(path, code + "\n")
            return (code, true)
        }
    }

    /// The code of `--bid-code-file`, made there where the file does not exist; nil where none was asked for.
    static func asked(_ invocation: Invocation) throws(CommandError) -> String? {
        guard let path = invocation.value("bid-code-file") else { return nil }
        let (code, isNew) = try readOrMake(at: path)
        if isNew { invocation.terminal.note("the bid's code is in '\(path)': keep it, and keep it secret") }
        return code
    }

    /// The code of a bid that there is: from `--bid-code-file`, or as this tool kept it when it sent the bid.
    static func of(_ bid: Identifier, _ invocation: Invocation) throws(CommandError) -> String {
        if let path = invocation.value("bid-code-file") { return try read(at: path) }
        let home = try invocation.home()
        if let code = try UnfinishedBids.code(of: bid, in: home) { return code }
        throw CommandError(
            "the code of this bid is not known here", hint: "give it with --bid-code-file; it stood in the answer to the deposit")
    }

    static func read(at path: String) throws(CommandError) -> String {
        let text = String(decoding: try InputFile.read(path, max: 128), as: UTF8.self).filter { !$0.isWhitespace }
        guard let code = try? Identifier(text) else {
            throw CommandError("'\(path)' holds no bid code", hint: "a code has 32 digits, 0 to 9 and a to f")
        }
        return code.text
    }

    private static func exists(_ path: String) -> Bool { (try? InputFile(path)) != nil }
}
