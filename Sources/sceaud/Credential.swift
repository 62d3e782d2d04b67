import Foundation
import Linux
import OpenSSL

/// A passphrase that the service manager hands over: systemd's `LoadCredential` or `LoadCredentialEncrypted`, a file in
/// `$CREDENTIALS_DIRECTORY` that this service alone can read.
enum Credential {
    /// Bytes.
    private static let longest = 1024

    /// Its first line. Whatever is wrong is said of the credential's name; never of what it holds.
    static func passphrase(_ name: String) throws(DaemonError) -> Secret {
        guard let folder = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"], folder.hasPrefix("/") else {
            throw DaemonError(
                "the credential \(name) is not here: there is no CREDENTIALS_DIRECTORY",
                hint: "LoadCredential=\(name):PATH in the unit; by hand, a folder of your own (mode 700) that holds the file \(name)")
        }
        let path = "\(folder)/\(name)"
        let what = "the credential \(name)"
        let state = try FileState(path, what: what)
        guard state.isRegular, state.length > 0, state.length <= Int64(longest) else {
            throw DaemonError("\(what) is not a file of 1 to \(longest) bytes")
        }
        guard state.mode & 0o077 == 0 else {
            throw DaemonError("\(what) can be read by others (mode \(String(state.mode, radix: 8)))", hint: "chmod 400 \(path)")
        }
        return try SecretFile.read(path, what: what, max: longest).firstLine(what)
    }
}

/// A file whose bytes never leave memory that is wiped.
enum SecretFile {
    static func read(_ path: String, what: String, max: Int) throws(DaemonError) -> Secret {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DaemonError("\(what) cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        return try read(descriptor, what: what, max: max)
    }

    static func read(_ descriptor: Int32, what: String, max: Int) throws(DaemonError) -> Secret {
        var count = 0
        let buffer: Secret
        do {
            buffer = try Secret(count: max + 1) { (span) throws(LinuxError) in count = try SpanReading.fill(&span, from: descriptor) }
        } catch {
            throw DaemonError("\(what) cannot be read: \(error)")
        }
        guard count <= max else { throw DaemonError("\(what) is longer than \(max) bytes") }
        return buffer.prefix(count)
    }
}

extension Secret {
    func prefix(_ count: Int) -> Secret {
        withBytes { bytes in Secret(count: count) { span in for index in 0..<count { span[index] = bytes[index] } } }
    }

    /// Up to its line's end.
    func firstLine(_ what: String) throws(DaemonError) -> Secret {
        let end = withBytes { bytes in bytes.indices.first { bytes[$0] == 0x0a || bytes[$0] == 0x0d } ?? bytes.count }
        guard end > 0 else { throw DaemonError("\(what) is empty") }
        return prefix(end)
    }
}
