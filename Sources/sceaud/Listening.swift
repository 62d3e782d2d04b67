import Linux
import Server

/// The sockets of a run: those of the service manager alone where it gave some, else the addresses asked for; and the
/// host's own.
struct Listening: ~Copyable {
    let listeners: [Listener]
    /// As the ready line tells them, with the ports that were free where 0 was asked.
    let addresses: [SocketAddress]

    /// - Parameter socket: path of the host's own.
    init(inherited: [Int32], addresses asked: [SocketAddress], socket: String) throws(DaemonError) {
        var listeners: [Listener] = []
        var addresses: [SocketAddress] = []
        if inherited.isEmpty && asked.isEmpty {
            throw DaemonError("there is nothing to listen to", hint: "set `listen` in the configuration, or give --listen")
        }
        do {
            for raw in inherited {
                if let address = try Sockets.localAddress(of: raw) { addresses.append(address) }
                listeners.append(try Listener.inherited(raw))
            }
        } catch {
            throw DaemonError("a socket of the service manager cannot be used: \(error)")
        }
        if inherited.isEmpty {
            for address in asked {
                do {
                    let listener = try Listener.tcp(address)
                    listeners.append(listener)
                    addresses.append(SocketAddress(bytes: address.bytes, port: listener.port ?? address.port))
                } catch {
                    throw DaemonError(
                        "\(address) cannot be listened to: \(error)",
                        hint: "is another program there, or is the port below 1024? --listen gives another")
                }
            }
        }
        do {
            listeners.append(try Listener.unix(path: socket))
        } catch {
            throw DaemonError(
                "the host's own socket \(socket) cannot be made: \(error)",
                hint: "its path may have 107 bytes; a shorter `data` helps")
        }
        self.listeners = listeners
        self.addresses = addresses
    }

    /// An address of the command line.
    static func address(_ text: String) throws(DaemonError) -> SocketAddress {
        guard let address = SocketAddress(text) else {
            throw .usage(
                "'\(text)' is not an address and port to listen to",
                hint: "--listen 127.0.0.1:8443, or --listen '[::1]:8443'; names are not resolved")
        }
        return address
    }
}
