/// Finds a key that stands twice in one object of a JSON5 text: Foundation keeps the first and says nothing, so that a limit
/// set again further down would not hold.
///
/// It runs over a text that was read without an error, so it only has to tell keys from values, never to judge.
struct JSON5Keys {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    /// The keys of each open object, outermost first; nil for a list.
    private var open: [Set<String>?] = []

    /// - Throws: naming the key and its line.
    static func check(_ bytes: [UInt8]) throws(DaemonError) {
        var keys = JSON5Keys(bytes: bytes)
        try keys.run()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func run() throws(DaemonError) {
        var word = ""
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "{"): open.append([])
            case UInt8(ascii: "["): open.append(nil)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = open.popLast()
            case UInt8(ascii: ":"): try add(word)
            case UInt8(ascii: ","): break
            case UInt8(ascii: "\n"): line += 1
            case UInt8(ascii: "/"): skipComment()
            case UInt8(ascii: "\""), UInt8(ascii: "'"): word = takeString()
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
            default: word = takeWord()
            }
            index += 1
        }
    }

    private mutating func add(_ key: String) throws(DaemonError) {
        guard let last = open.indices.last, open[last] != nil else { return }
        guard open[last]?.insert(key).inserted == true else {
            throw DaemonError("line \(line): \(key) is given twice in one object", hint: "remove one of the two")
        }
    }

    /// To the last byte of what begins here.
    private mutating func skipComment() {
        guard index + 1 < bytes.count else { return }
        if bytes[index + 1] == UInt8(ascii: "/") {
            while index + 1 < bytes.count, bytes[index + 1] != UInt8(ascii: "\n") { index += 1 }
        } else {
            index += 3
            while index < bytes.count, !(bytes[index] == UInt8(ascii: "/") && bytes[index - 1] == UInt8(ascii: "*")) {
                if bytes[index] == UInt8(ascii: "\n") { line += 1 }
                index += 1
            }
        }
    }

    private mutating func takeString() -> String {
        let quote = bytes[index]
        let start = index + 1
        index = start
        while index < bytes.count, bytes[index] != quote {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            if index < bytes.count, bytes[index] == UInt8(ascii: "\n") { line += 1 }
            index += 1
        }
        return String(decoding: bytes[min(start, bytes.count)..<min(index, bytes.count)], as: UTF8.self)
    }

    private mutating func takeWord() -> String {
        let start = index
        let ends = Array("{}[]:,/\"' \t\r\n".utf8)
        while index + 1 < bytes.count, !ends.contains(bytes[index + 1]) { index += 1 }
        return String(decoding: bytes[start...index], as: UTF8.self)
    }
}
