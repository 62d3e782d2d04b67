/// File names that strangers chose, made fit to stand in a folder of the opener.
///
/// A bidder names the documents, so every name is an attack until shown otherwise: it may try to leave the folder, to
/// hide, to look like another file (right-to-left overrides turn `exe.fdp` into a PDF on the screen), to be an option
/// of the next command, a device of Windows, or longer than a file system takes. A safe name is one path component,
/// printable, at most `longest` bytes of UTF-8, with neither a leading dot or hyphen nor a trailing dot or blank.
struct SafeName: Hashable, Sendable, CustomStringConvertible {
    /// File systems take 255 bytes; the rest is left for a number and a temporary suffix.
    static let longest = 200
    /// An extension longer than this is no extension.
    private static let longestExtension = 16

    let text: String
    var description: String { text }

    /// - Parameter otherwise: the name of what has none left.
    init(_ untrusted: String, otherwise: String = "document") {
        var scalars = String.UnicodeScalarView()
        // Bounded before anything else looks at it.
        for scalar in untrusted.unicodeScalars.prefix(4 * Self.longest) {
            switch Self.treatment(of: scalar) {
            case .keep: scalars.append(scalar)
            case .replace: scalars.append("_")
            case .drop: break
            }
        }
        var name = Self.trimmed(String(scalars))
        if name.hasPrefix("-") { name = "_" + name.dropFirst() }
        if Self.isDevice(name) { name = "_" + name }
        name = Self.trimmed(Self.bounded(name))
        text = name.isEmpty ? otherwise : name
    }

    private init(kept text: String) { self.text = text }

    /// `offre (2).pdf`: the same name with a number, for one that is taken.
    func numbered(_ number: Int) -> SafeName {
        let (stem, suffix) = Self.split(text)
        let tail = " (\(number))" + suffix
        return SafeName(kept: Self.prefix(of: stem, bytes: Self.longest - tail.utf8.count) + tail)
    }

    /// What tells two names apart on file systems that ignore case and composition: both may be copied there.
    var folded: String { text.lowercased() }
}

extension SafeName {
    private enum Treatment { case keep, replace, drop }

    private static func treatment(of scalar: Unicode.Scalar) -> Treatment {
        switch scalar {
        case "/", "\\", ":", "*", "?", "\"", "<", ">", "|": return .replace
        // Look-alikes of separators, which some systems fold into the real ones.
        case "\u{2044}", "\u{2215}", "\u{29F8}", "\u{29F9}", "\u{FF0F}", "\u{FF3C}", "\u{FE68}", "\u{FF1A}":
            return .replace
        // Look-alikes of the dot.
        case "\u{2024}", "\u{2025}", "\u{FF0E}", "\u{FE52}": return .replace
        // Blanks that draw nothing.
        case "\u{115F}", "\u{1160}", "\u{3164}", "\u{FFA0}", "\u{2800}": return .drop
        default: break
        }
        switch scalar.properties.generalCategory {
        // Cf holds the marks that turn the direction of writing, and those of no width.
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return .drop
        case .spaceSeparator: return scalar == " " || scalar == "\u{A0}" || scalar == "\u{202F}" ? .keep : .replace
        default: return .keep
        }
    }

    private static func trimmed(_ name: String) -> String {
        func isBlank(_ character: Character) -> Bool { character == "." || character.isWhitespace }
        let head = name.drop(while: isBlank)
        let last = head.lastIndex { !isBlank($0) }
        return last.map { String(head[...$0]) } ?? ""
    }

    /// Windows opens a device whatever extension follows.
    private static func isDevice(_ name: String) -> Bool {
        let stem = name.prefix { $0 != "." }.uppercased().filter { !$0.isWhitespace }
        if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"].contains(stem) { return true }
        let digits: Set<Character> = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"]
        return stem.count == 4 && (stem.hasPrefix("COM") || stem.hasPrefix("LPT")) && digits.contains(stem.last ?? " ")
    }

    private static func split(_ name: String) -> (stem: String, suffix: String) {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex,
            name[dot...].utf8.count <= longestExtension
        else { return (name, "") }
        return (String(name[..<dot]), String(name[dot...]))
    }

    private static func bounded(_ name: String) -> String {
        guard name.utf8.count > longest else { return name }
        let (stem, suffix) = split(name)
        return prefix(of: stem, bytes: longest - suffix.utf8.count) + suffix
    }

    /// As many whole characters as fit; of one that does not fit at all, as many scalars.
    private static func prefix(of text: String, bytes: Int) -> String {
        var kept = ""
        var size = 0
        for character in text {
            let more = character.utf8.count
            guard size + more <= bytes else { break }
            kept.append(character)
            size += more
        }
        guard kept.isEmpty else { return kept }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            size += String(scalar).utf8.count
            guard size <= bytes else { break }
            scalars.append(scalar)
        }
        return String(scalars)
    }
}

/// The names already given in one folder.
struct SafeNames {
    private var taken: Set<String> = []
    /// The next number to try for a name, so that ten thousand documents of one name take no longer than others.
    private var next: [String: Int] = [:]
    /// Candidates looked at so far.
    private(set) var tried = 0

    /// A safe name for `untrusted` that no other one of this folder is mistaken for.
    mutating func take(_ untrusted: String, otherwise: String = "document") -> SafeName {
        let name = SafeName(untrusted, otherwise: otherwise)
        var candidate = name
        var number = next[name.folded] ?? 2
        tried += 1
        while !taken.insert(candidate.folded).inserted {
            candidate = name.numbered(number)
            number += 1
            tried += 1
        }
        next[name.folded] = number
        return candidate
    }
}
