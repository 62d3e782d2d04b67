import Foundation
import Rehearsal
import Testing

/// A member's tool trusts its own pins and its own clock before the daemon's word.
@Suite(.serialized) struct PinTests {
    @Test func anotherFingerprintIsRefused() throws {
        let cast = try Cast.ready()
        let consultation = try cast.sealed()
        let member = cast.members[0]
        let wrong = try member.sceau(
            ["share", "accept", consultation.id, "--key", member.key ?? "", "--fingerprint", String(repeating: "0", count: 64)])
        #expect(wrong.status == 4 && wrong.err.contains("fingerprint"), "\(wrong)")
        try consultation.accept(member)
        // Once pinned, it needs not be given; a stranger's key is refused all the same.
        let stranger = try Person("Intrus", role: "opener", at: cast.instance, account: "Valbourg")
        try stranger.makeKey()
        let refused = try stranger.sceau(
            ["share", "accept", consultation.id, "--key", stranger.key ?? "", "--fingerprint", consultation.fingerprint])
        #expect(refused.status != 0 && refused.err.hasPrefix("sceau: error: "), "\(refused)")
    }

    /// Without acceptances by the fingerprint that the buyer's own tool kept, nothing is published.
    @Test func publicationNeedsAcceptances() throws {
        let cast = try Cast.ready()
        let consultation = try cast.sealed()
        // By the tool's own count, before the daemon is asked; and nowhere but where the fingerprint is known.
        let early = try cast.buyer.sceau(["consultation", "publish", consultation.id])
        #expect(early.status == 4 && early.err.hasPrefix("sceau: error: 0 members have accepted, and it takes 3"), "\(early)")
        let elsewhere = try cast.buyer.sceau(
            ["consultation", "publish", consultation.id], environment: ["SCEAU_HOME": cast.buyer.folder.path("elsewhere")])
        #expect(elsewhere.status == 4 && elsewhere.err.contains("does not know the fingerprint"), "\(elsewhere)")
        for member in cast.members { try consultation.accept(member) }
        #expect(try cast.buyer.sceau(["consultation", "publish", consultation.id]).status == 0)
    }

    /// Keys that stock OpenSSL made with the project's profiles are as good as the tool's own.
    @Test func keysOfStockOpenSSL() throws {
        let instance = try Instance()
        try instance.start()
        let buyer = try Person("Acheteuse", role: "buyer", at: instance, account: "Valbourg")
        let member = try Person("Benoît", role: "opener", at: instance, account: "Valbourg")
        let page = try String(contentsOfFile: Checkout.path("Keys/README.md"), encoding: .utf8)
        let commands = page.matches(of: #/```sh\n(.*?)```/#.dotMatchesNewlines()).map { String($0.1) }
        try Shell.check(
            "sh", ["-euc", commands.prefix(2).joined()], environment: ["KEYS": Checkout.path("Keys")], folder: member.folder.url)
        let id = try buyer.sceauChecked(
            ["consultation", "create", "--reference", "R", "--title", "T", "--deadline", Consultation.instant(seconds: 3600)])
        let fingerprint = try buyer.sceauChecked(
            ["consultation", "seal", id, "--quorum", "1", "--member", member.folder.path("member.crt"), "--member",
                member.folder.path("member-rsa.crt")])
        for key in ["member", "member-rsa"] {
            try member.sceauChecked(
                ["share", "accept", id, "--key", member.folder.path(key + ".pem"), "--passphrase-file",
                    member.folder.path(key + ".passphrase"), "--fingerprint", fingerprint])
        }
        try buyer.sceauChecked(["consultation", "publish", id])
    }
}
