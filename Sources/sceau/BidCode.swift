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

    static func read(at path: String) throws(CommandError) -> String {
        let text = String(decoding: try InputFile.read(path, max: 128), as: UTF8.self).filter { !$0.isWhitespace }
        guard let code = try? Identifier(text) else {
            throw CommandError("'\(path)' holds no bid code", hint: "a code has 32 digits, 0 to 9 and a to f")
        }
        return code.text
    }

    private static func exists(_ path: String) -> Bool { (try? InputFile(path)) != nil }
}
