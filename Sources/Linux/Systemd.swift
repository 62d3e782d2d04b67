internal import CLinux
internal import Glibc

/// The service manager that started this process, where one did (sd_notify(3)).
public enum Systemd {
    public enum State: String, Sendable {
        case ready = "READY=1"
        case stopping = "STOPPING=1"
    }

    /// Tells it, in one datagram to `NOTIFY_SOCKET`. Without one, or where it does not listen, there is nobody to tell.
    public static func notify(_ state: State) {
        guard let value = unsafe getenv("NOTIFY_SOCKET") else { return }
        var path = unsafe Array(String(cString: value).utf8)
        var address = sockaddr_un()
        guard let first = path.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"),
            path.count < MemoryLayout.size(ofValue: address.sun_path)
        else { return }
        // An abstract name is written with @ and begins with NUL (unix(7)).
        if first == UInt8(ascii: "@") { path[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path) }
        let raw = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { return }
        let descriptor = FileDescriptor(owning: raw)
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        let message = Array(state.rawValue.utf8)
        unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe sendto(descriptor.raw, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
