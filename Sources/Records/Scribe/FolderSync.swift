public import Linux
internal import Synchronization

/// A folder in which files were made whose names must be on the disk before an event speaks of them. The scribe syncs
/// each distinct one once a batch.
///
/// **Make it before the first file is made in the folder.** The kernel reports a lost write once: after a sync that
/// failed, one that succeeds proves nothing of names made before. So an item whose `FolderSync` is older than a failure
/// in the same folder is refused, even where a later sync went well.
public struct FolderSync: Sendable {
    /// Tells folders apart, such as the consultation's identifier.
    public let name: String
    let sync: @Sendable () throws -> Void
    let number: UInt64

    private static let made = Atomic<UInt64>(0)

    public init(_ name: String, _ sync: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.sync = sync
        number = Self.made.add(1, ordering: .sequentiallyConsistent).newValue
    }

    public init(_ name: String, _ folder: DurableFolder) {
        self.init(name) { try folder.sync() }
    }

    /// The number of the last one made.
    static var latest: UInt64 { made.load(ordering: .sequentiallyConsistent) }
}
