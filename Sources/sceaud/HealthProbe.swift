import Client

/// Asks the daemon, as a stranger would, whether it answers: over the host's own socket, through loops and pool.
struct HealthProbe: Sendable {
    let socket: String

    func isAnswered() -> Bool {
        let client = HTTPSClient(.unix(path: socket), trust: .system, limits: TimeLimits(connect: 2000, handshake: 2000, idle: 2000, answer: 5000))
        return (try? client.send(Call("GET", "/healthz"), limit: 4096).status) == 200
    }
}
