import Foundation
import HTTP
import Testing

@testable import Portal

@Suite("Who may administer")
struct PeerTests {
    private func peer(isLocal: Bool = true, uid: UInt32?) -> Peer {
        Peer(address: "local", prefix: "local", isLocal: isLocal, uid: uid)
    }

    @Test func theDaemonsUserAndRootOnly() {
        #expect(peer(uid: geteuid()).isHost && peer(uid: 0).isHost)
        // A reverse proxy before a unix socket of the service manager's.
        #expect(!peer(uid: geteuid() + 33).isHost)
        #expect(!peer(uid: nil).isHost)
        #expect(!peer(isLocal: false, uid: geteuid()).isHost)
    }
}
