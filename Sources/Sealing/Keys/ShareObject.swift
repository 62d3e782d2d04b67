internal import Canonical
internal import OpenSSL

/// `sceau/share/1`: what is sealed to a member. A secret, so it is never a JSON value: it is rendered around its share, and
/// read by rendering what is expected and comparing.
struct ShareObject {
    static let format = "sceau/share/1"
    /// A share is as long as C.
    static let count = 32

    let consultation: Identifier
    let part: String
    /// Of the part's certificate.
    let certificate: Digest
    let notBefore: Instant
    let number: Int

    /// Every field but the share, in order, each with what it is called where it does not match.
    private var fields: [(name: String, bytes: [UInt8])] {
        [
            ("certificate", Array("{\"certificate\":\"\(certificate)\"".utf8)),
            ("consultation", Array(",\"consultation\":\"\(consultation)\"".utf8)),
            ("format", Array(",\"format\":\"\(Self.format)\"".utf8)),
            ("notBefore", Array(",\"notBefore\":\"\(notBefore)\"".utf8)),
            ("number", Array(",\"number\":\(number)".utf8)),
            ("part", Array(",\"part\":\"\(part)\"".utf8)),
        ]
    }
    private static let before = Array(",\"share\":\"".utf8)
    private static let after = Array("\"}".utf8)

    /// Its length in bytes, always the same for one member: the sealed share's shape has it.
    var length: Int {
        fields.reduce(0) { $0 + $1.bytes.count } + Self.before.count + SecretBase64.length(Self.count)
            + Self.after.count
    }

    /// Its canonical bytes.
    func encoded(_ share: borrowing Secret) -> Secret {
        precondition(share.count == Self.count)
        let prefix = fields.flatMap(\.bytes) + Self.before
        let length = length
        return share.withBytes { share in
            Secret(count: length) { object in
                for index in prefix.indices { object[index] = prefix[index] }
                SecretBase64.encode(share, into: &object, at: prefix.count)
                for index in Self.after.indices { object[length - Self.after.count + index] = Self.after[index] }
            }
        }
    }

    /// The share in an opened object, whose every other byte is as expected. Names the field that is not: a share copied from
    /// another consultation is refused by its `consultation`.
    func share(in object: borrowing Secret) throws(SealingError) -> Secret {
        let expected = fields + [("share", Self.before)]
        let length = length
        return try object.withBytes { (bytes) throws(SealingError) in
            var offset = 0
            for field in expected {
                for byte in field.bytes {
                    guard offset < bytes.count, bytes[offset] == byte else {
                        throw SealingError(
                            .share, "its `\(field.name)` is not what it must be: it was dealt for something else")
                    }
                    offset += 1
                }
            }
            let end = length - Self.after.count
            guard bytes.count == length, bytes[end] == Self.after[0], bytes[end + 1] == Self.after[1],
                let share = SecretBase64.decode(bytes.extracting(offset..<end), count: Self.count)
            else { throw SealingError(.share, "its `share` is not 32 bytes") }
            return share
        }
    }
}
