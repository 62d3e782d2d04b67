public import Canonical
internal import Linux

/// Which vault a data folder is, `instance.json`: written last by `sceaud init`, never changed.
public struct Instance: CanonicalObject, Equatable {
    public static let format = "sceau/instance/1"
    /// How this program lays out a data folder.
    public static let layout: Int64 = 2
    private static let file = "instance.json"

    public let id: Identifier
    /// Of the body that runs it.
    public let name: String
    public let created: Instant
    public let layout: Int64

    public init(id: Identifier, name: String, created: Instant) {
        self.id = id
        self.name = name
        self.created = created
        layout = Self.layout
    }

    public var fields: [String: JSON] {
        [
            "instance": .identifier(id), "name": .string(name), "created": .instant(created),
            "layout": .integer(layout),
        ]
    }

    public init(from reader: inout FieldReader) throws(CanonicalError) {
        id = try reader.identifier("instance")
        name = try reader.string("name")
        created = try reader.instant("created")
        layout = try reader.integer("layout", in: 1...1_000_000)
    }

    /// - Throws: `RegisterError` where there is none, or one of another layout than this program's.
    public static func read(data: String) throws -> Instance {
        let path = "\(data)/\(file)"
        let instance: Instance
        do {
            instance = try Instance(canonical: DurableFolder(path: data).readAll(file, max: 65_536))
        } catch let error as LinuxError where error.isMissing {
            throw RegisterError.missing(path)
        } catch {
            throw RegisterError.unreadable(file, "\(error)")
        }
        guard instance.layout <= layout else {
            throw RegisterError.newer("data folder", found: instance.layout, known: layout)
        }
        guard instance.layout == layout else {
            throw RegisterError.older("data folder", found: instance.layout, known: layout)
        }
        return instance
    }

    func write(data: DurableFolder) throws { try data.replace(Self.file, with: canonicalBytes) }
}
