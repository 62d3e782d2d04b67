internal import HTTP
internal import Linux

/// An accepted connection: its descriptor, whom it is from, and its place in the census until it is closed.
final class Arrival: Sendable {
    let descriptor: FileDescriptor
    let peer: Peer
    let isSecure: Bool
    private let census: Census?

    /// - Parameter census: nil for what is not counted: the host's own processes must get through when the network is full.
    init(_ descriptor: consuming FileDescriptor, peer: Peer, isSecure: Bool, census: Census?) {
        self.descriptor = descriptor
        self.peer = peer
        self.isSecure = isSecure
        self.census = census
    }

    deinit {
        census?.leave(peer.address)
    }
}
