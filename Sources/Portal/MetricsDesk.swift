import Canonical
public import HTTP
import Procurement
public import Reception

/// `GET /metrics`, on a loopback listener of its own, in the text format that Prometheus reads (version 0.0.4). No name of anybody or
/// of any procedure, and no count of bids: who may read it is whoever has a shell on the host.
public final class MetricsDesk: Application {
    private let vault: Vault

    public init(vault: Vault) { self.vault = vault }

    public func handle(_ request: Request, from peer: Peer, _ exchange: any Exchange) {
        guard request.path == ["metrics"], request.method == .get || request.method == .head else {
            return exchange.respond(Response(status: 404))
        }
        let isTaken = vault.perform { [self] in
            exchange.respond(
                Response(
                    status: 200, fields: [("Content-Type", "text/plain; version=0.0.4")], body: .bytes(Array(text.utf8))))
        }
        if !isTaken { exchange.respond(Response(status: 503)) }
    }

    public func refused(_ reason: StaticString, from peer: Peer) {}

    private var text: String {
        let clock = vault.clock.status
        var lines: [String] = []
        func add(_ name: String, _ help: String, _ value: Int64?) {
            guard let value else { return }
            lines += ["# HELP \(name) \(help)", "# TYPE \(name) gauge", "\(name) \(value)"]
        }
        add("sceau_ready", "Whether a deposit would find all it needs.", (try? vault.checkReady()) == nil ? 0 : 1)
        add("sceau_clock_sound", "Whether the clock is believed.", clock.state == .unsound ? 0 : 1)
        add("sceau_clock_drift_milliseconds", "Wall clock less raw clock since the last baseline.", clock.drift)
        add("sceau_clock_synchronised", "Whether the kernel holds its clock synchronised.", clock.isSynchronised.map { $0 ? 1 : 0 })
        add("sceau_mirror_there", "Whether all that was acknowledged is in the mirror.", vault.mirrorStatus.map { $0.isThere ? 1 : 0 })
        let now = vault.clock.now
        let keys = vault.hostKeys.filter(\.isCurrent)
        if !keys.isEmpty {
            let name = "sceau_key_expiry_seconds"
            lines += ["# HELP \(name) Seconds until the certificate in use of each kind of key ends.", "# TYPE \(name) gauge"]
            lines += keys.map { "\(name){kind=\"\($0.kind.rawValue)\"} \($0.notAfter.second - now.second)" }
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
