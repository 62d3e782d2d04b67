import Canonical
import Linux

/// `sceau/committee-pin/1`: the standing committee of an account, as its person last vouched for it.
///
///     {"account":"5f…","digest":"9c…","format":"sceau/committee-pin/1","name":"cao"}
struct CommitteePin: CanonicalObject, Equatable {
    static let format = "sceau/committee-pin/1"

    let account: Identifier
    let name: String
    let digest: Digest

    init(account: Identifier, name: String, digest: Digest) {
        self.account = account
        self.name = name
        self.digest = digest
    }

    var fields: [String: JSON] {
        ["account": .identifier(account), "name": .string(name), "digest": .digest(digest)]
    }

    init(from reader: inout FieldReader) throws(CanonicalError) {
        account = try reader.identifier("account")
        name = try reader.string("name", max: 64)
        digest = try reader.digest("digest")
    }
}

/// The pins of standing committees, in `SCEAU_HOME/committees/`: a daemon that puts a certificate of its own among the members'
/// meets them before anything is dealt to it.
struct CommitteePins: Sendable {
    private let home: Home

    init(_ home: Home) { self.home = home }

    /// Holds what the daemon shows against what is known.
    ///
    /// - Parameter given: what the person typed. It must be the daemon's; a committee may change, so it takes the place of another pin.
    /// - Returns: whether anybody but the daemon vouches for it.
    func check(_ shown: CommitteePin, given: Digest?) throws(CommandError) -> Bool {
        if let given {
            guard given == shown.digest else {
                throw .refused(
                    "the daemon's committee '\(shown.name)' has the digest \(shown.digest.hex), not the one given",
                    hint: "do not go on: compare it, member by member, with who set it, by another way than this platform")
            }
            try set(shown)
            return true
        }
        guard let known = try pin(like: shown) else { return false }
        guard known.digest == shown.digest else {
            throw .refused(
                "THE STANDING COMMITTEE '\(shown.name)' HAS CHANGED: \(shown.digest.hex) is shown now, \(known.digest.hex) is pinned here",
                hint: "ask who set it, by another way than this platform, and compare the members' certificates: "
                    + "sceau committee show \(shown.name); if it is right, give it: --committee-digest \(shown.digest.hex)")
        }
        return true
    }

    func set(_ pin: CommitteePin) throws(CommandError) {
        do {
            let folder = try folder()
            try folder.replace(Self.file(pin), with: pin.canonicalBytes)
        } catch {
            throw CommandError("cannot use \(home.path): \(error)", hint: "SCEAU_HOME names the folder of this tool's memory")
        }
    }

    private func pin(like shown: CommitteePin) throws(CommandError) -> CommitteePin? {
        do {
            let folder = try folder()
            guard try folder.exists(Self.file(shown)) else { return nil }
            let pin = try CommitteePin(canonical: folder.readAll(Self.file(shown), max: 4096))
            guard pin.account == shown.account, pin.name == shown.name else {
                throw CanonicalError(reason: "it is of another committee")
            }
            return pin
        } catch let error as CanonicalError {
            throw .refused(
                "the pin in \(home.path)/committees/\(Self.file(shown)) is damaged (\(error.reason))",
                hint: "restore the file, or remove it and give --committee-digest")
        } catch {
            throw CommandError("cannot use \(home.path): \(error)", hint: "SCEAU_HOME names the folder of this tool's memory")
        }
    }

    private static func file(_ pin: CommitteePin) -> String { "\(pin.account.text)-\(pin.name)" }

    private func folder() throws(LinuxError) -> DurableFolder {
        let folder = try home.folder()
        do { return try folder.makeFolder("committees") } catch  where error.isExisting {
            return try folder.folder("committees")
        }
    }
}
