internal import COpenSSL

/// A CMS AuthEnvelopedData (RFC 5083) half made or half opened, and the AES-256-GCM context inside it.
///
/// OpenSSL makes and reads recipients, keys and encoding. Content goes straight through its cipher context rather than
/// through its BIO, which encrypts 4 KiB at a time into a memory BIO that keeps its peak and must be drained: as fast as
/// the bare cipher, and a seventh less time than the BIO took.
@safe struct CMSCipher: ~Copyable {
    private let message: OpaquePointer
    private let bio: OpaquePointer
    private let cipher: OpaquePointer

    /// Takes the message in any case.
    private init(owning message: OpaquePointer) throws(OpenSSLError) {
        // With no content given, a detached message gets a null BIO behind the cipher, an attached one a memory BIO.
        guard let bio = unsafe CMS_dataInit(message, nil) else {
            unsafe CMS_ContentInfo_free(message)
            throw .drain("start a sealed message")
        }
        guard let cipher = unsafe sceau_bio_cipher(bio) else {
            unsafe BIO_free_all(bio)
            unsafe CMS_ContentInfo_free(message)
            throw .drain("find the cipher of a sealed message")
        }
        unsafe self.message = unsafe message
        unsafe self.bio = unsafe bio
        unsafe self.cipher = unsafe cipher
    }

    deinit {
        unsafe BIO_free_all(bio)
        unsafe CMS_ContentInfo_free(message)
    }

    // MARK: Sealing

    /// A message to one certificate, under a fresh content key and nonce.
    static func sealing(to recipient: CMSRecipient, detached: Bool) throws(OpenSSLError) -> CMSCipher {
        let message = unsafe try make(detached: detached)
        do throws(OpenSSLError) {
            switch recipient {
            case .agreement(let certificate):
                let context = unsafe try add(certificate, to: message)
                unsafe try check(EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()), "choose KDF SHA-256")
            case .transport(let certificate, _):
                let context = unsafe try add(certificate, to: message)
                unsafe try check(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), "choose OAEP")
                unsafe try check(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()), "choose OAEP with SHA-256")
                unsafe try check(EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()), "choose MGF1 with SHA-256")
            case .keyEncryption: preconditionFailure("a key-encryption key is given to sealing(under:)")
            }
        } catch {
            unsafe CMS_ContentInfo_free(message)
            throw error
        }
        return unsafe try CMSCipher(owning: message)
    }

    /// An attached message under a key-encryption key of 32 bytes. The message owns a copy of it, and cleanses that.
    static func sealing(under key: borrowing Secret) throws(OpenSSLError) -> CMSCipher {
        precondition(key.count == 32, "AES-256 key wrap takes 32 bytes")
        let message = unsafe try make(detached: false)
        let identifier = CMSRecipient.keyIdentifier
        guard let heldKey = unsafe sceau_malloc(32), let heldIdentifier = unsafe sceau_malloc(identifier.count) else {
            fatalError("out of memory for a key")
        }
        unsafe key.withPointer { bytes, count in unsafe heldKey.copyMemory(from: bytes, byteCount: count) }
        unsafe heldIdentifier.copyMemory(from: identifier, byteCount: identifier.count)
        let added = unsafe CMS_add0_recipient_key(
            message, NID_undef, heldKey.assumingMemoryBound(to: UInt8.self), 32,
            heldIdentifier.assumingMemoryBound(to: UInt8.self), identifier.count, nil, nil, nil)
        guard unsafe added != nil else {
            unsafe sceau_clear_free(heldKey, 32)
            unsafe sceau_free(heldIdentifier)
            unsafe CMS_ContentInfo_free(message)
            throw .drain("add a key as recipient")
        }
        return unsafe try CMSCipher(owning: message)
    }

    private static func make(detached: Bool) throws(OpenSSLError) -> OpaquePointer {
        let flags = CMS_BINARY | CMS_PARTIAL | CMS_STREAM | (detached ? CMS_DETACHED : 0)
        return unsafe try check(CMS_encrypt(nil, nil, EVP_aes_256_gcm(), UInt32(flags)), "make a sealed message")
    }

    private static func add(_ certificate: Certificate, to message: OpaquePointer) throws(OpenSSLError) -> OpaquePointer
    {
        let recipient = unsafe try check(
            CMS_add1_recipient_cert(message, certificate.pointer, UInt32(CMS_KEY_PARAM)), "add a recipient")
        return unsafe try check(CMS_RecipientInfo_get0_pkey_ctx(recipient), "find a recipient's key")
    }

    /// Ends the encryption and gives the DER. `ciphertext` is stored in an attached message.
    consuming func finishSealing(attaching ciphertext: [UInt8]? = nil) throws(OpenSSLError) -> [UInt8] {
        var rest: Int32 = 0
        var end: UInt8 = 0  // GCM's last call writes nothing
        try check(unsafe EVP_EncryptFinal_ex(cipher, &end, &rest), "finish AES-256-GCM")
        if let ciphertext, !ciphertext.isEmpty {
            let content = unsafe try check(BIO_next(bio), "find a message's content")
            guard unsafe BIO_write(content, ciphertext, Int32(ciphertext.count)) == ciphertext.count else {
                throw .drain("store ciphertext")
            }
        }
        unsafe try check(CMS_dataFinal(message, bio), "finish a sealed message")
        let count = unsafe i2d_CMS_ContentInfo(message, nil)
        guard count > 0 else { throw .drain("encode a sealed message") }
        return unsafe [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, written in
            var next = buffer.baseAddress
            written = unsafe Int(i2d_CMS_ContentInfo(message, &next))
        }
    }

    // MARK: Opening

    /// A message whose bytes were matched with the recipient's shape already.
    static func opening(_ der: [UInt8], certificate: Certificate, key: borrowing PrivateKey) throws(CMSError)
        -> CMSCipher
    {
        let message = unsafe try parse(der)
        guard unsafe CMS_decrypt_set1_pkey(message, key.pointer, certificate.pointer) == 1 else {
            throw unsafe refuse(message)
        }
        return unsafe try start(message)
    }

    static func opening(_ der: [UInt8], keyEncryptionKey key: borrowing Secret) throws(CMSError) -> CMSCipher {
        let message = unsafe try parse(der)
        var identifier = CMSRecipient.keyIdentifier
        let opened = unsafe key.withPointer { bytes, count in
            // Not written to: the parameter lacks its const.
            unsafe CMS_decrypt_set1_key(
                message, UnsafeMutablePointer(mutating: bytes), count, &identifier, identifier.count)
        }
        guard opened == 1 else { throw unsafe refuse(message) }
        return unsafe try start(message)
    }

    private static func parse(_ der: [UInt8]) throws(CMSError) -> OpaquePointer {
        let parsed = unsafe der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var next = bytes.baseAddress
            return unsafe d2i_CMS_ContentInfo(nil, &next, bytes.count)
        }
        guard let message = unsafe parsed else {
            OpenSSLError.clearQueue()
            throw .unopened
        }
        return unsafe message
    }

    private static func refuse(_ message: OpaquePointer) -> CMSError {
        unsafe CMS_ContentInfo_free(message)
        OpenSSLError.clearQueue()
        return .unopened
    }

    private static func start(_ message: OpaquePointer) throws(CMSError) -> CMSCipher {
        do throws(OpenSSLError) { return unsafe try CMSCipher(owning: message) } catch { throw .failed(error) }
    }

    /// Whether the tag holds over all that went through. Nothing decrypted may be used before it did.
    consuming func finishOpening() -> Bool {
        var rest: Int32 = 0
        var end: UInt8 = 0
        let holds = unsafe EVP_DecryptFinal_ex(cipher, &end, &rest) == 1
        OpenSSLError.clearQueue()
        return holds
    }

    // MARK: Content

    /// Encrypts or decrypts `input` into as many bytes at `output`; they may be the same memory.
    func transform(_ input: UnsafeBufferPointer<UInt8>, to output: UnsafeMutablePointer<UInt8>?) throws(OpenSSLError) {
        let count = input.count
        guard count > 0 else { return }
        var written: Int32 = 0
        let result = unsafe EVP_CipherUpdate(cipher, output, &written, input.baseAddress, Int32(count))
        guard result == 1, written == count else { throw .drain("run AES-256-GCM") }
    }
}
