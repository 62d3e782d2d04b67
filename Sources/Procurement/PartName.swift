/// The name of a part of a consultation, such as `application`, `offer`, `anonymity`.
public enum PartName {
    public static let longest = 32
    /// Parts of one consultation.
    public static let most = 8

    /// 1 to 32 lower-case letters.
    public static func isValid(_ name: String) -> Bool {
        (1...longest).contains(name.utf8.count) && name.utf8.allSatisfy { (0x61...0x7a).contains($0) }
    }
}
