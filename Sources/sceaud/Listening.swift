import Linux
import Procurement

/// Addresses of the command line, and the clock that everything is judged by.
enum Listening {
    static func address(_ text: String) throws(DaemonError) -> SocketAddress {
        guard let address = SocketAddress(text) else {
            throw .usage(
                "'\(text)' is not an address and port to listen to",
                hint: "--listen 127.0.0.1:8443, or --listen '[::1]:8443'; names are not resolved")
        }
        return address
    }
}

extension WallClock {
    /// The host's clock (CLOCK_REALTIME).
    static let system = WallClock { .init(milliseconds: Clocks.realtimeMilliseconds()) }
}
