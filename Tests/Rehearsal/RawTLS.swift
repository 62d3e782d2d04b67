public import Foundation

/// Bytes as nobody's client would send them, over TLS, by `openssl s_client`.
public enum RawTLS {
    /// Sends `bytes`, waits for the server to end the connection, and gives what it said, whole.
    ///
    /// - Parameter seconds: the bound; a server that keeps the connection open for so long answers with what came till then.
    public static func send(_ bytes: Data, to instance: Instance, seconds: Double = 20) throws -> Data {
        let outcome = try Shell.run(
            "timeout",
            ["\(seconds)", "openssl", "s_client", "-connect", "localhost:\(instance.port)", "-CAfile", instance.ca, "-quiet",
                "-verify_return_error", "-servername", "localhost"], stdin: bytes, timeout: seconds + 10)
        return outcome.out
    }

    /// As above, of text in which `\n` stands for CRLF.
    public static func send(lines: String, to instance: Instance) throws -> String {
        String(decoding: try send(Data(lines.replacing("\n", with: "\r\n").utf8), to: instance), as: UTF8.self)
    }
}
