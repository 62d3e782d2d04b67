import Canonical
import Procurement
import Synchronization

/// When the log was last told of keys that expire.
final class ExpiryWatch: Sendable {
    private let last = Mutex<Instant?>(nil)

    /// Once a day, and after a clock that stepped back.
    func isDue(at now: Instant) -> Bool {
        last.withLock { last in
            if let last, (last.milliseconds..<last.milliseconds + 86_400_000).contains(now.milliseconds) { return false }
            last = now
            return true
        }
    }
}

extension Vault {
    /// At the start and once a day: which certificates end within 60 days.
    func tendExpiry() {
        let now = clock.now
        guard expiry.isDue(at: now) else { return }
        for key in hostKeys {
            guard let notice = key.notice(at: now) else { continue }
            let days = (key.notAfter.second - now.second) / 86_400
            let when = notice == .expired ? "has expired (\(key.notAfter))" : "expires in \(days) days (\(key.notAfter))"
            report("the \(key.kind.rawValue) certificate \(when): \(Vault.effect(of: key.kind)). sceaud key add \(key.kind.rawValue)")
        }
    }

    private static func effect(of kind: HostKeyKind) -> String {
        switch kind {
        case .timeLock, .recovery: "then no new key set is taken; what is sealed under it opens all the same"
        case .timestamp, .timestampAuthority: "then nothing is stamped"
        case .tls: "then no client trusts the connection"
        }
    }
}
