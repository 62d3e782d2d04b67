internal import COpenSSL

/// One segment being sealed: a detached CMS AuthEnvelopedData under its own content key.
///
/// Half made it can only be finished or dropped: no context outlives it, none is rewound.
public struct SegmentSealer: ~Copyable {
    private let cipher: CMSCipher
    private let shape: CMSShape

    public init(to certificate: Certificate) throws(OpenSSLError) {
        let recipient = try CMSRecipient(certificate)
        let cipher = try CMSCipher.sealing(to: recipient, detached: true)
        self.shape = CMSShape(recipient, .detached)
        self.cipher = cipher
    }

    /// The ciphertext of some plaintext, as long as it.
    public mutating func update(_ plaintext: Span<UInt8>) throws(OpenSSLError) -> [UInt8] {
        var failure: OpenSSLError?
        let ciphertext = unsafe [UInt8](unsafeUninitializedCapacity: plaintext.count) { output, written in
            unsafe plaintext.withUnsafeBufferPointer { input in
                do throws(OpenSSLError) {
                    unsafe try cipher.transform(input, to: output.baseAddress)
                    written = input.count
                } catch { failure = error }
            }
        }
        if let failure { throw failure }
        return ciphertext
    }

    /// The header: everything but the ciphertext, in DER.
    public consuming func finish() throws(OpenSSLError) -> [UInt8] {
        let shape = shape
        let header = try cipher.finishSealing()
        // What we would not open we do not write.
        guard (try? shape.match(header)) != nil else {
            throw OpenSSLError(operation: "seal a segment in the expected shape")
        }
        return header
    }
}
