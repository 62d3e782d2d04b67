internal import COpenSSL

/// Small objects sealed whole: CMS AuthEnvelopedData with the ciphertext attached.
public enum SealedObject {
    /// Nothing sealed this way is longer: a manifest of 10,000 documents is a few MiB.
    public static let maximumCount = 64 << 20

    // MARK: To a certificate

    public static func seal(_ content: Span<UInt8>, to certificate: Certificate) throws(OpenSSLError) -> [UInt8] {
        try seal(content, CMSRecipient(certificate))
    }

    public static func seal(_ secret: borrowing Secret, to certificate: Certificate) throws(OpenSSLError) -> [UInt8] {
        let recipient = try CMSRecipient(certificate)
        return try secret.withBytes { (bytes) throws(OpenSSLError) in try seal(bytes, recipient) }
    }

    /// Refuses what does not have the shape, without a private key. `length`: of the content, where it is known.
    public static func check(_ sealed: [UInt8], length: Int?, for certificate: Certificate) throws(CMSError) {
        _ = try match(sealed, length, SegmentOpener.recipient(certificate))
    }

    /// A secret, once shape and tag hold.
    public static func open(
        _ sealed: [UInt8], length: Int?, certificate: Certificate, key: borrowing PrivateKey
    ) throws(CMSError) -> Secret {
        let range = try match(sealed, length, SegmentOpener.recipient(certificate))
        return try secret(sealed, range, CMSCipher.opening(sealed, certificate: certificate, key: key))
    }

    /// Bytes that are no key material (a manifest), once shape and tag hold.
    public static func openBytes(_ sealed: [UInt8], certificate: Certificate, key: borrowing PrivateKey)
        throws(CMSError) -> [UInt8]
    {
        let range = try match(sealed, nil, SegmentOpener.recipient(certificate))
        var content = Array(sealed[range])
        try CMSCipher.opening(sealed, certificate: certificate, key: key).run(&content)
        return content
    }

    // MARK: Under a key-encryption key

    /// The key is 32 bytes.
    public static func seal(_ secret: borrowing Secret, under key: borrowing Secret) throws(OpenSSLError) -> [UInt8] {
        try secret.withBytes { (bytes) throws(OpenSSLError) in
            try finish(CMSCipher.sealing(under: key), bytes, .keyEncryption)
        }
    }

    public static func checkUnderKey(_ sealed: [UInt8], length: Int?) throws(CMSError) {
        _ = try match(sealed, length, .keyEncryption)
    }

    public static func open(_ sealed: [UInt8], length: Int?, under key: borrowing Secret) throws(CMSError) -> Secret {
        let range = try match(sealed, length, .keyEncryption)
        return try secret(sealed, range, CMSCipher.opening(sealed, keyEncryptionKey: key))
    }

    // MARK: -

    private static func seal(_ content: Span<UInt8>, _ recipient: CMSRecipient) throws(OpenSSLError) -> [UInt8] {
        try finish(CMSCipher.sealing(to: recipient, detached: false), content, recipient)
    }

    private static func finish(_ message: consuming CMSCipher, _ content: Span<UInt8>, _ recipient: CMSRecipient)
        throws(OpenSSLError) -> [UInt8]
    {
        guard content.count <= maximumCount else { throw OpenSSLError(operation: "seal more than 64 MiB at once") }
        var ciphertext = [UInt8](repeating: 0, count: content.count)
        try unsafe content.withUnsafeBufferPointer { (input) throws(OpenSSLError) in
            try unsafe ciphertext.withUnsafeMutableBufferPointer { (output) throws(OpenSSLError) in
                unsafe try message.transform(input, to: output.baseAddress)
            }
        }
        let sealed = try message.finishSealing(attaching: ciphertext)
        guard (try? CMSShape(recipient, .attached(count: content.count)).match(sealed)) != nil else {
            throw OpenSSLError(operation: "seal an object in the expected shape")
        }
        return sealed
    }

    private static func match(_ sealed: [UInt8], _ length: Int?, _ recipient: CMSRecipient) throws(CMSError) -> Range<
        Int
    > {
        guard sealed.count <= maximumCount else { throw .shape("it is longer than 64 MiB") }
        if let length { return try CMSShape(recipient, .attached(count: length)).match(sealed) }
        guard let shape = CMSShape.attached(recipient, total: sealed.count) else {
            throw .shape("no content gives its length")
        }
        return try shape.match(sealed)
    }

    private static func secret(_ sealed: [UInt8], _ range: Range<Int>, _ cipher: consuming CMSCipher) throws(CMSError)
        -> Secret
    {
        guard range.count <= Secret.maximum else { throw .shape("it is too long for a secret") }
        var cipher = Optional(cipher)
        return try Secret(count: range.count) { (output) throws(CMSError) in
            var failure: OpenSSLError?
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe sealed.withUnsafeBufferPointer { input in
                    do throws(OpenSSLError) {
                        unsafe try cipher!.transform(
                            UnsafeBufferPointer(rebasing: input[range]), to: output.baseAddress)
                    } catch { failure = error }
                }
            }
            if let failure { throw .failed(failure) }
            guard cipher.take()!.finishOpening() else { throw .unopened }
        }
    }
}
