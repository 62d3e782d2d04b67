public import Procurement

/// The name of a document, as a bidder gave it. It is text: stored in the sealed manifest, shown, never a path of the
/// host, which names its files by identifiers. What could deceive a reader, or harm a tool that is careless later, is
/// refused while the bidder can still mend it.
public enum FileName {
    /// The folder of a document within its bid: names with `/` between them.
    public static func check(folder: String) throws(Refusal) {
        guard folder.utf8.count <= 1024 else { throw Refusal(.name, "The folder is longer than 1024 bytes.") }
        for name in folder.split(separator: "/", omittingEmptySubsequences: false) { try check(String(name)) }
    }

    public static func check(_ name: String) throws(Refusal) {
        guard !name.isEmpty else { throw Refusal(.name, "It is empty.") }
        guard name.utf8.count <= 255 else { throw Refusal(.name, "It is longer than 255 bytes.") }
        guard name != ".", name != ".." else { throw Refusal(.name, "It is a folder.") }
        for scalar in name.unicodeScalars {
            switch scalar.value {
            case 0x2f, 0x5c: throw Refusal(.name, "It holds a folder separator.")
            case 0..<0x20, 0x7f..<0xa0: throw Refusal(.name, "It holds a control character.")
            // Marks that turn the direction of text, so that `annexe‮fdp.exe` shows as something else.
            case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069:
                throw Refusal(.name, "It holds a mark that changes the direction of text.")
            case 0x2028, 0x2029, 0xfeff, 0xfff9...0xfffb: throw Refusal(.name, "It holds an invisible separator.")
            default: continue
            }
        }
    }
}
