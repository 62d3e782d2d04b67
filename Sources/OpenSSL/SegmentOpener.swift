internal import COpenSSL

/// A detached CMS AuthEnvelopedData, checked and opened whole.
public enum SegmentOpener {
    /// How long the header of a segment sealed to this certificate is.
    public static func headerCount(for certificate: Certificate) throws(OpenSSLError) -> Int {
        CMSShape(try CMSRecipient(certificate), .detached).count
    }

    /// Refuses a header that does not have the shape.
    public static func check(header: [UInt8], for certificate: Certificate) throws(CMSError) {
        _ = try CMSShape(recipient(certificate), .detached).match(header)
    }

    /// Turns the ciphertext of a whole segment into its plaintext, in place.
    ///
    /// If it throws, the buffer is emptied: nothing unverified is ever seen.
    public static func open(
        header: [UInt8], content: inout [UInt8], certificate: Certificate, key: borrowing PrivateKey
    ) throws(CMSError) {
        do throws(CMSError) {
            try check(header: header, for: certificate)
            let cipher = try CMSCipher.opening(header, certificate: certificate, key: key)
            try cipher.run(&content)
        } catch {
            content.removeAll()
            throw error
        }
    }

    static func recipient(_ certificate: Certificate) throws(CMSError) -> CMSRecipient {
        do throws(OpenSSLError) { return try CMSRecipient(certificate) } catch { throw .failed(error) }
    }
}

extension CMSCipher {
    /// Decrypts in place and verifies the tag.
    consuming func run(_ content: inout [UInt8]) throws(CMSError) {
        var failure: OpenSSLError?
        unsafe content.withUnsafeMutableBufferPointer { buffer in
            do throws(OpenSSLError) {
                unsafe try transform(UnsafeBufferPointer(buffer), to: buffer.baseAddress)
            } catch { failure = error }
        }
        if let failure { throw .failed(failure) }
        guard finishOpening() else { throw .unopened }
    }
}
