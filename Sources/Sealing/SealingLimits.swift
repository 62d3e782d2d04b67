/// Every bound of the formats. Bytes unless said otherwise.
public enum SealingLimits {
    /// Plaintext of one segment.
    public static let segment = 16 << 20
    /// Segments of one document.
    public static let segments = 20_000
    /// One document: as much as its segments hold. What an envelope's lengths add up to is then a number too.
    public static let document = Int64(segment) * Int64(segments)
    /// Documents of one envelope.
    public static let documents = 10_000
    /// Parts of a consultation.
    public static let parts = 8
    /// The `.seal` archive. 10,000 documents of one segment take about 8 MiB.
    public static let archive = 256 << 20
    /// `seal.json`: 10,000 documents take some 2 MiB.
    public static let seal = 8 << 20
    /// A capsule: 255 members with RSA certificates take about 2 MiB.
    public static let capsule = 8 << 20
    /// Any text in a manifest: a name, a folder.
    public static let text = 1024
    /// Members of a committee: share numbers are 1 to 255.
    public static let members = 255
    /// The private key of a part, PKCS#8 in DER.
    public static let partKey = 1024
    /// Combinations of shares tried to find one that was dealt wrong.
    public static let combinations = 10_000
}
