import Foundation
import OpenSSL
import Synchronization
import Testing

/// A timestamp authority made of stock `openssl`, so that what is checked here was not made by what checks it.
final class StockAuthority: Sendable {
    static let shared: StockAuthority = {
        // Nobody ends a global: its folder goes with the process.
        atexit { try? FileManager.default.removeItem(at: StockAuthority.shared.folder) }
        return StockAuthority(name: "Horodatage d’essai")
    }()
    let folder: URL
    /// It counts its serial numbers in a file.
    private let isStamping = Mutex(())

    init(name: String) {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("sceau-tsa-\(UUID().uuidString)")
        let config = """
            [tsa]
            serial = \(folder.path)/serial
            crypto_device = builtin
            signer_cert = \(folder.path)/tsa.crt
            certs = \(folder.path)/ca.crt
            signer_key = \(folder.path)/tsa.key
            signer_digest = sha256
            default_policy = 1.2.3.4.1
            digests = sha256
            accuracy = secs:1
            ess_cert_id_chain = no
            ess_cert_id_alg = sha256
            clock_precision_digits = 3
            [name]
            [req]
            distinguished_name = name
            [ca]
            basicConstraints = critical,CA:TRUE
            keyUsage = critical,keyCertSign
            [signer]
            basicConstraints = critical,CA:FALSE
            keyUsage = critical,digitalSignature
            extendedKeyUsage = critical,timeStamping
            """
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(config.utf8).write(to: folder.appendingPathComponent("cnf"))
            for (key, certificate, extra) in [
                ("ca.key", "ca.crt", ["-extensions", "ca"]),
                ("tsa.key", "tsa.crt", ["-extensions", "signer", "-CA", path("ca.crt"), "-CAkey", path("ca.key")]),
            ] {
                try openssl(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path(key)])
                try openssl(
                    ["req", "-x509", "-new", "-config", path("cnf"), "-utf8", "-key", path(key), "-out", path(certificate),
                     "-days", "3650", "-subj", "/CN=\(name) (\(key.prefix { $0 != "." }))"] + extra)
            }
        } catch {
            Issue.record("no stock authority: \(error)")
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    var certificate: Certificate {
        get throws { try Certificate(pem: [UInt8](Data(contentsOf: folder.appendingPathComponent("ca.crt")))) }
    }

    /// As `timestamp001.tst`: the token's CMS.
    func token(over bytes: [UInt8]) throws -> [UInt8] {
        let own = UUID().uuidString
        defer { for end in ["data", "tsq", "tst"] { try? FileManager.default.removeItem(atPath: path("\(own).\(end)")) } }
        try Data(bytes).write(to: folder.appendingPathComponent("\(own).data"))
        try openssl(["ts", "-query", "-data", path("\(own).data"), "-sha256", "-cert", "-out", path("\(own).tsq")])
        try isStamping.withLock { _ in
            try openssl([
                "ts", "-reply", "-config", path("cnf"), "-section", "tsa", "-queryfile", path("\(own).tsq"), "-token_out", "-out",
                path("\(own).tst"),
            ])
        }
        return [UInt8](try Data(contentsOf: folder.appendingPathComponent("\(own).tst")))
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let said = Pipe()
        process.standardError = said
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = try said.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: ["openssl": String(decoding: text, as: UTF8.self)])
        }
    }
}
