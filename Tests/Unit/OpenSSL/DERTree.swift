/// DER taken apart and put together again, to make what an attacker would send.
indirect enum DERTree {
    case leaf(UInt8, [UInt8])
    case node(UInt8, [DERTree])

    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        self = Self.read(&rest)
        precondition(rest.isEmpty)
    }

    private static func read(_ bytes: inout ArraySlice<UInt8>) -> DERTree {
        let tag = bytes.removeFirst()
        var count = Int(bytes.removeFirst())
        if count >= 0x80 {
            let width = count & 0x7f
            count = bytes.prefix(width).reduce(0) { $0 << 8 | Int($1) }
            bytes.removeFirst(width)
        }
        var content = bytes.prefix(count)
        bytes.removeFirst(count)
        guard tag & 0x20 != 0 else { return .leaf(tag, Array(content)) }
        var children: [DERTree] = []
        while !content.isEmpty { children.append(read(&content)) }
        return .node(tag, children)
    }

    var encoded: [UInt8] {
        let (tag, content) =
            switch self {
            case .leaf(let tag, let bytes): (tag, bytes)
            case .node(let tag, let children): (tag, children.flatMap(\.encoded))
            }
        return [tag] + Self.length(content.count) + content
    }

    private static func length(_ count: Int) -> [UInt8] {
        count < 0x80
            ? [UInt8(count)] : count < 0x100 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(count & 0xff)]
    }

    var children: [DERTree] {
        get { if case .node(_, let children) = self { children } else { [] } }
        set { if case .node(let tag, _) = self { self = .node(tag, newValue) } }
    }

    var bytes: [UInt8] {
        get { if case .leaf(_, let bytes) = self { bytes } else { [] } }
        set { if case .leaf(let tag, _) = self { self = .leaf(tag, newValue) } }
    }

    /// The AuthEnvelopedData inside a ContentInfo: version, recipients, encrypted content, tag.
    var message: DERTree {
        get { children[1].children[0] }
        set { children[1].children[0] = newValue }
    }
}
