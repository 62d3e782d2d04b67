public import Canonical
public import Linux

/// `mirror.json`, `sceau/mirror/1`: which state of a mirror's folder counts. Specified in `Mirror.md`.
public struct MirrorRecord: CanonicalObject, Equatable {
    public static let format = "sceau/mirror/1"
    public static let file = "mirror.json"
    private static let prefix = "state-"

    public let instance: Identifier
    /// Counts up with each whole copy.
    let number: Int64
    public let whenLost: Mirror.Policy

    /// The folder's name.
    public var state: String { Self.prefix + String(number) }

    init(instance: Identifier, number: Int64, whenLost: Mirror.Policy) {
        self.instance = instance
        self.number = number
        self.whenLost = whenLost
    }

    public var fields: [String: JSON] {
        ["instance": .identifier(instance), "state": .string(state), "whenLost": .string(whenLost.rawValue)]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        instance = try reader.identifier("instance")
        let state = try reader.string("state", max: 32)
        guard state.hasPrefix(Self.prefix), let number = Int64(state.dropFirst(Self.prefix.count)), number > 0,
            Self.prefix + String(number) == state
        else { throw CanonicalError(reason: "`state` is no state's name") }
        self.number = number
        guard let whenLost = Mirror.Policy(rawValue: try reader.string("whenLost", max: 16)) else {
            throw CanonicalError(reason: "`whenLost` is not alarm or stop")
        }
        self.whenLost = whenLost
    }

    /// - Returns: nil where the folder is no mirror.
    public static func read(_ folder: DurableFolder) throws -> MirrorRecord? {
        do { return try MirrorRecord(canonical: folder.readAll(file, max: 4096)) } catch let error as LinuxError where error.isMissing {
            return nil
        }
    }
}
