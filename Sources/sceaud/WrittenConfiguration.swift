import Linux

/// The configuration that `sceaud init` writes: what differs from one installation to another, each key explained.
/// Everything else has its default, and stands in the commented sample `Deploy/sceaud.json5`.
enum WrittenConfiguration {
    static func text(listen: [SocketAddress], hasRecovery: Bool) -> String {
        """
        // Configuration of sceaud. Every key, with its default, is explained in the sample Deploy/sceaud.json5.
        // An unknown key or a bad value stops the start and is named. Relative paths start at this file's folder.
        {
            // The folder that holds register and envelopes. A local disk whose fsync is honest.
            data: ".",

            // Addresses and ports to listen to. A service manager's sockets (Deploy/sceaud.socket) replace them.
            listen: [\(listen.map { "\"\($0)\"" }.joined(separator: ", "))],

            tls: {
                // The server's certificate (then its chain) and key, in PEM. The key must be readable by the daemon's user
                // alone. Put those of a public authority here, then send SIGHUP.
                certificate: "keys/tls.crt",
                key: "keys/tls.key",
            },

            keys: {
                // The platform's half of every consultation's key. Losing it before a deadline leaves the recovery key as
                // the only way to open: see Keys/README.md.
                timeLock: { key: "keys/timelock.key", certificate: "keys/timelock.crt" },
                // The keys (Ed25519) that sign the logs of real and of training procedures. Whoever has one can sign another
                // past; whoever watches a log sees it. Beside each lies what to publish, log-real.vkey.
                log: { real: "keys/log-real.key", training: "keys/log-training.key" },
                // The embedded time-stamping authority: what it signs with, and the authority that issued its certificate.
                timestamp: { key: "keys/tsa.key", certificate: "keys/tsa.crt", authority: "keys/tsa-ca.crt" },
                \(hasRecovery
                    ? """
                // The certificate (never the key) of the holder of the recovery key.
                recovery: "keys/recovery.crt",
        """.trimmingStart
                    : "// No recovery certificate, as `init --no-recovery` was told: if the time-lock key is lost, nothing opens.")
            },

            // How far the register had come when its last answer went out. On another disk than `data` it also exposes a
            // data folder that was put back to an older state.
            highWater: "high-water",
        }

        """
    }
}

extension String {
    fileprivate var trimmingStart: Substring { drop { $0 == " " } }
}
