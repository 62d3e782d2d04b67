import Canonical
import Linux

/// The pins of all consultations, a file each in `SCEAU_HOME/pins/`; a set of keys that was added to one has a file of its own beside it.
///
/// They are what a lying daemon meets: keys that change under a member's eyes, a deadline that goes back.
struct Pins: Sendable {
    private let home: Home

    init(_ home: Home) { self.home = home }

    /// - Parameter set: fingerprint, as first made, of one of several key sets; nil where there is but one.
    func pin(of consultation: Identifier, set: Digest? = nil) throws(CommandError) -> Pin {
        try change(consultation, set: set) { _ in }
    }

    /// Notes a deadline that the daemon has shown; the latest one stays.
    @discardableResult
    func saw(deadline: Instant, of consultation: Identifier) throws(CommandError) -> Pin {
        try change(consultation) { pin in pin.deadline = max(deadline, pin.deadline ?? deadline) }
    }

    /// Holds `fingerprint` against what is known, and pins it if nothing was.
    ///
    /// - Parameter given: what the person typed: it must be the daemon's, and turns a pin of first sight into a sure one.
    @discardableResult
    func check(
        fingerprint: Digest, given: Digest?, of consultation: Identifier, set: Digest? = nil, source: Pin.Source = .firstSight
    ) throws(CommandError) -> Pin {
        if let given, given != fingerprint {
            throw .refused(
                "the daemon's key set has the fingerprint \(fingerprint.hex), not the one given",
                hint: "do not go on: compare with the tender documents, and tell the buyer by another way "
                    + "than this platform")
        }
        let isAdded = try pin(of: consultation, set: set).isOfAddedKeys
        return try change(consultation, set: set) { (pin) throws(CommandError) in
            // What stands beside pinned keys is never taken at first sight.
            if isAdded, pin.fingerprint == nil, given == nil, source == .firstSight {
                throw CommandError.refused(
                    "KEYS WERE ADDED TO THIS CONSULTATION, says the platform: \(fingerprint.hex). They are not pinned here",
                    hint: "ask the buyer, by another way than this platform, whether that is so, and which fingerprint is right; if it is this "
                        + "one, give it")
            }
            if let known = pin.fingerprint, known != fingerprint {
                throw CommandError.refused(
                    "THE KEYS OF THIS CONSULTATION HAVE CHANGED: \(fingerprint.hex) is shown now, \(known.hex) is pinned here",
                    hint: "do not go on: ask the buyer, by another way than this platform, which fingerprint is right; "
                        + "if it is the new one, remove \(home.path)/pins/\(consultation.text) and start again")
            }
            if pin.fingerprint == nil || (given != nil && pin.source == .firstSight) {
                pin.fingerprint = fingerprint
                pin.source = given != nil ? .given : source
            }
        }
    }

    /// The platform has the keys that this tool made.
    func confirm(fingerprint: Digest, of consultation: Identifier) throws(CommandError) {
        try change(consultation) { pin in
            if pin.fingerprint == fingerprint, pin.source == .sealing { pin.source = .ceremony }
        }
    }

    /// Takes back a pin that this tool has just made.
    func forget(fingerprint: Digest, of consultation: Identifier, set: Digest? = nil) throws(CommandError) {
        try change(consultation, set: set) { pin in
            guard pin.fingerprint == fingerprint else { return }
            pin.fingerprint = nil
            pin.original = nil
            pin.source = nil
        }
    }

    /// Read, change, write, under a lock: two commands may run side by side.
    @discardableResult
    func change(
        _ consultation: Identifier, set: Digest? = nil, _ body: (inout Pin) throws(CommandError) -> Void
    ) throws(CommandError) -> Pin {
        do {
            let folder = try pinsFolder()
            let lock = try wait(folder)
            return try withExtendedLifetime(lock) { try Self.change(consultation, set: set, in: folder, body) }
        } catch let error as CommandError {
            throw error
        } catch let error as CanonicalError {
            throw .refused(
                "the pin in \(home.path)/pins/\(consultation.text) is damaged (\(error.reason))",
                hint:
                    "without it a changed key would pass unseen: restore the file, or remove it and give --fingerprint")
        } catch {
            throw CommandError(
                "cannot use \(home.path): \(error)", hint: "SCEAU_HOME names the folder of this tool's memory")
        }
    }

    private static func change(
        _ consultation: Identifier, set: Digest?, in folder: DurableFolder, _ body: (inout Pin) throws(CommandError) -> Void
    ) throws -> Pin {
        // The keys that were known first have the consultation's own file, and the deadline.
        let first = try read(consultation.text, of: consultation, in: folder)
        var file = consultation.text
        var pin = first
        if let set, let known = first.original ?? first.fingerprint, known != set {
            file += "-" + set.hex
            pin = try read(file, of: consultation, in: folder)
            pin.isOfAddedKeys = true
        }
        let before = pin
        try body(&pin)
        // First, so that no pin of added keys is there without it: a platform would be followed back.
        if pin.isOfAddedKeys, (before.fingerprint == nil) != (pin.fingerprint == nil) {
            var changed = first
            changed.latest = pin.fingerprint == nil ? (first.latest == set ? nil : first.latest) : set
            if changed != first { try folder.replace(consultation.text, with: changed.canonicalBytes) }
        }
        if pin != before { try folder.replace(file, with: pin.canonicalBytes) }
        guard pin.isOfAddedKeys else { return pin }
        pin.deadline = first.deadline
        return pin
    }

    private static func read(_ file: String, of consultation: Identifier, in folder: DurableFolder) throws -> Pin {
        guard try folder.exists(file) else { return Pin(consultation: consultation) }
        let pin = try Pin(canonical: folder.readAll(file, max: 4096))
        guard pin.consultation == consultation else { throw CanonicalError(reason: "`consultation` is another one") }
        return pin
    }

    private func pinsFolder() throws(LinuxError) -> DurableFolder {
        let folder = try home.folder()
        do { return try folder.makeFolder("pins") } catch  where error.isExisting { return try folder.folder("pins") }
    }

    private func wait(_ folder: DurableFolder) throws -> HeldLock {
        for _ in 0..<250 {
            do { return try HeldLock(folder) } catch let error as LinuxError where error.isWouldBlock {
                Pause.milliseconds(20)
            }
        }
        throw CommandError("another sceau has been using \(home.path) for five seconds")
    }
}

/// The lock of a folder, held until this object goes.
final class HeldLock {
    private let lock: FolderLock

    init(_ folder: DurableFolder, _ name: String = "lock") throws { lock = try folder.lock(name) }
}
