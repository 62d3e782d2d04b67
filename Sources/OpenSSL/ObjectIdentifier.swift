internal import COpenSSL

/// An object identifier (X.660), as its dotted text and the content of its DER.
public struct ObjectIdentifier: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    let content: [UInt8]

    /// - Returns: nil for what is not one, `1.2.250.1` and the like, of at most 128 characters.
    public init?(_ text: String) {
        guard text.utf8.count <= 128, text.utf8.allSatisfy({ $0 == 0x2e || (0x30...0x39).contains($0) }),
            let object = unsafe OBJ_txt2obj(text, 1)
        else {
            OpenSSLError.clearQueue()
            return nil
        }
        defer { unsafe ASN1_OBJECT_free(object) }
        content = unsafe Array(UnsafeBufferPointer(start: OBJ_get0_data(object), count: OBJ_length(object)))
        description = text
    }

    /// From the content of its DER.
    init?(content: [UInt8]) {
        guard (1...64).contains(content.count) else { return nil }
        let der = DER.encode(0x06, content)
        let parsed = unsafe der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var next = bytes.baseAddress
            return unsafe d2i_ASN1_OBJECT(nil, &next, bytes.count)
        }
        guard let object = unsafe parsed else {
            OpenSSLError.clearQueue()
            return nil
        }
        defer { unsafe ASN1_OBJECT_free(object) }
        var text = [CChar](repeating: 0, count: 512)
        guard unsafe OBJ_obj2txt(&text, Int32(text.count), object, 1) > 0 else { return nil }
        description = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.content = content
    }

    public static func == (left: ObjectIdentifier, right: ObjectIdentifier) -> Bool { left.content == right.content }
    public func hash(into hasher: inout Hasher) { hasher.combine(content) }
}
