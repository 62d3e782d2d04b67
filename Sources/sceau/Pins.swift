import Canonical
import Linux

/// The pins of all consultations, a file each in `SCEAU_HOME/pins/`.
///
/// They are what a lying daemon meets: keys that change under a member's eyes, a deadline that goes back.
struct Pins: Sendable {
    private let home: Home

    init(_ home: Home) { self.home = home }

    func pin(of consultation: Identifier) throws(CommandError) -> Pin {
        try change(consultation) { _ in }
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
        fingerprint: Digest, given: Digest?, of consultation: Identifier, source: Pin.Source = .firstSight
    ) throws(CommandError) -> Pin {
        if let given, given != fingerprint {
            throw .refused(
                "the daemon's key set has the fingerprint \(fingerprint.hex), not the one given",
                hint: "do not go on: compare with the tender documents, and tell the buyer by another way "
                    + "than this platform")
        }
        return try change(consultation) { (pin) throws(CommandError) in
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

    /// Takes back a pin that this tool has just made.
    func forget(fingerprint: Digest, of consultation: Identifier) throws(CommandError) {
        try change(consultation) { pin in
            guard pin.fingerprint == fingerprint else { return }
            pin.fingerprint = nil
            pin.original = nil
            pin.source = nil
        }
    }

    /// Read, change, write, under a lock: two commands may run side by side.
    @discardableResult
    func change(
        _ consultation: Identifier, _ body: (inout Pin) throws(CommandError) -> Void
    ) throws(CommandError) -> Pin {
        do {
            let folder = try pinsFolder()
            let lock = try wait(folder)
            return try withExtendedLifetime(lock) { try Self.change(consultation, in: folder, body) }
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
        _ consultation: Identifier, in folder: DurableFolder, _ body: (inout Pin) throws(CommandError) -> Void
    ) throws -> Pin {
        var pin = Pin(consultation: consultation)
        if try folder.exists(consultation.text) {
            pin = try Pin(canonical: folder.readAll(consultation.text, max: 4096))
            guard pin.consultation == consultation else {
                throw CanonicalError(reason: "`consultation` is another one")
            }
        }
        let before = pin
        try body(&pin)
        if pin != before { try folder.replace(consultation.text, with: pin.canonicalBytes) }
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
