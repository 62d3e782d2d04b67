public import Canonical
public import OpenSSL

/// `sceau/signed/1`: an object, who signed it, and the signature over the object's canonical bytes.
///
/// The object stands in it as it is, so that its bytes can be cut out and checked with stock tools. Every object has its
/// `format` inside: a signature for one purpose is none for another.
public struct Signed: CanonicalObject, Hashable {
    public static let format = "sceau/signed/1"

    public let object: JSON
    public let certificate: Certificate
    public let signature: [UInt8]

    public init(object: JSON, certificate: Certificate, signature: [UInt8]) {
        self.object = object
        self.certificate = certificate
        self.signature = signature
    }

    /// Signs; the key is the certificate's.
    public static func make(
        _ object: some CanonicalObject, key: borrowing PrivateKey, certificate: Certificate
    ) throws(SealingError) -> Signed {
        guard certificate.keyKind.isAccepted, certificate.matches(key) else {
            throw SealingError(.signature, "the key does not belong to the certificate, or cannot sign")
        }
        let json = object.json
        let signature: [UInt8]
        do { signature = try Signature.sign(json.encoded(), with: key) } catch {
            throw SealingError(.signature, "sign", error)
        }
        return Signed(object: json, certificate: certificate, signature: signature)
    }

    /// The object, if the certificate's key signed it. *Whose* certificate it must be is for ``Committee`` to say.
    public func verified<Object: CanonicalObject>(as type: Object.Type) throws(SealingError) -> Object {
        guard Signature.isValid(signature, of: object.encoded(), by: certificate) else {
            throw SealingError(.signature, "the signature does not hold")
        }
        return try naming(.format, Object.format) { try Object(json: object) }
    }

    /// SHA-256 of the object's canonical bytes: what approvals and minutes name.
    public var objectDigest: Digest { Digest(of: object.encoded()) }

    public var fields: [String: JSON] {
        ["object": object, "certificate": .base64(certificate.der), "signature": .base64(signature)]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        object = try reader.json("object")
        certificate = try reader.certificate("certificate")
        signature = try reader.base64("signature", max: Signature.maximumCount)
        guard case .object = object else { throw CanonicalError(reason: "`object` is not an object") }
    }
}
