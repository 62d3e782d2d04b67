public import Canonical
public import OpenSSL

extension Digest {
    /// SHA-256 of the bytes.
    public init(of bytes: [UInt8]) { self.init(SHA256.hash(bytes)) }

    /// SHA-256 of the certificate's DER.
    public init(_ certificate: Certificate) { self.init(certificate.digest) }
}

extension FieldReader {
    /// A certificate: base64 of its DER.
    mutating func certificate(_ key: String) throws(CanonicalError) -> Certificate {
        let der = try base64(key, max: Certificate.maximumCount)
        do { return try Certificate(der: der) } catch {
            throw CanonicalError(reason: "`\(key)` is not a certificate in DER")
        }
    }

    mutating func optionalCertificate(_ key: String) throws(CanonicalError) -> Certificate? {
        has(key) ? try certificate(key) : nil
    }

    /// A text of 1 to `max` bytes without control characters.
    mutating func text(_ key: String, max: Int) throws(CanonicalError) -> String {
        let text = try string(key, max: max)
        guard !text.isEmpty, !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else {
            throw CanonicalError(reason: "`\(key)` is empty or holds a control character")
        }
        return text
    }

    mutating func part(_ key: String = "part") throws(CanonicalError) -> String {
        let part = try string(key, max: 32)
        guard PartCertificate.isName(part) else {
            throw CanonicalError(reason: "`\(key)` is not 1 to 32 letters a to z")
        }
        return part
    }

    /// Each element of an array, read as an object whose every field must be taken.
    mutating func objects<T>(_ key: String, max: Int, _ read: (inout FieldReader) throws(CanonicalError) -> T)
        throws(CanonicalError) -> [T]
    {
        try Self.objects(array(key, max: max), read)
    }

    static func objects<T>(_ values: [JSON], _ read: (inout FieldReader) throws(CanonicalError) -> T)
        throws(CanonicalError) -> [T]
    {
        var objects: [T] = []
        for value in values {
            var reader = try FieldReader(value)
            objects.append(try read(&reader))
            try reader.finish()
        }
        return objects
    }

    mutating func parts(_ key: String = "parts") throws(CanonicalError) -> [String] {
        var parts: [String] = []
        for value in try array(key, max: SealingLimits.parts) {
            guard case .string(let part) = value, PartCertificate.isName(part), !parts.contains(part) else {
                throw CanonicalError(reason: "`\(key)` holds what is no part, or one twice")
            }
            parts.append(part)
        }
        guard !parts.isEmpty else { throw CanonicalError(reason: "`\(key)` is empty") }
        return parts
    }

    mutating func number(_ key: String = "number") throws(CanonicalError) -> Int {
        Int(try integer(key, in: 1...Int64(SealingLimits.members)))
    }
}
