import Foundation
import Rehearsal
import Testing

/// One committee of a member of each kind, from the keys to the opened bid.
@Suite(.serialized) struct MemberKindTests {
    /// Somebody with a key, and the options that name it.
    private struct Member {
        let person: Person
        /// As `consultation seal --member` takes it.
        let certificate: String
        let key: [String]
    }

    private static func person(_ name: String, _ cast: Instance) throws -> Person {
        try Person(name, role: "opener", at: cast, account: "Valbourg")
    }

    /// Stock OpenSSL makes a key and a certificate, and what else `more` says, in the member's folder.
    private static func openssl(_ person: Person, _ script: String) throws {
        try Shell.check("sh", ["-euc", script], folder: person.folder.url)
    }

    private static let p256 = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256"
    private static let rsa = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072"

    private static func certificate(_ name: String, _ usage: String, key: String = "k.pem", out: String = "member.crt") -> String {
        "openssl req -x509 -new -key \(key) -subj '/CN=\(name)' -days 1000 -addext 'keyUsage=critical,\(usage)' -out \(out)\n"
    }

    /// PEM without a passphrase.
    private static func plain(_ instance: Instance) throws -> Member {
        let person = try person("Claire", instance)
        try person.makeKey()
        return Member(person: person, certificate: person.certificate, key: ["--key", person.key ?? ""])
    }

    /// PEM under six words of the tool's own.
    private static func encrypted(_ instance: Instance) throws -> Member {
        let person = try person("Bruno", instance)
        try person.sceauChecked(["key", "new", "--name", "Bruno", "--out", "member.pem", "--passphrase-file", "words"])
        return Member(
            person: person, certificate: person.certificate,
            key: ["--key", person.folder.path("member.pem"), "--passphrase-file", person.folder.path("words")])
    }

    private static func store(_ instance: Instance, _ name: String, _ algorithm: String, _ usage: String) throws -> Member {
        let person = try person(name, instance)
        try openssl(
            person,
            """
            openssl \(algorithm) -out k.pem
            \(certificate(name, usage))printf 'mot de passe' >words
            openssl pkcs12 -export -inkey k.pem -in member.crt -passout file:words -out member.p12
            """)
        return Member(
            person: person, certificate: person.certificate,
            key: ["--key", person.folder.path("member.p12"), "--passphrase-file", person.folder.path("words")])
    }

    /// A card with two certificates: RSA takes the shares, P-256 signs.
    private static func twoKeys(_ instance: Instance) throws -> Member {
        let person = try person("Denis", instance)
        try openssl(
            person,
            """
            openssl \(rsa) -out k.pem
            openssl \(p256) -out s.pem
            \(certificate("Denis", "keyEncipherment"))\(certificate("Denis", "nonRepudiation", key: "s.pem", out: "signing.crt"))cat member.crt >>k.pem
            printf secret >words
            openssl pkcs12 -export -inkey s.pem -in signing.crt -passout file:words -out signing.p12
            chmod 600 k.pem
            """)
        return Member(
            person: person, certificate: person.certificate + "," + person.folder.path("signing.crt"),
            key: [
                "--key", person.folder.path("k.pem"), "--signing-key", person.folder.path("signing.p12"),
                "--signing-passphrase-file", person.folder.path("words"),
            ])
    }

    /// Printed, its file erased, typed back by somebody in a hurry.
    private static func paper(_ instance: Instance) throws -> Member {
        let person = try person("Coffre", instance)
        try person.sceauChecked(["key", "new", "--name", "Coffre de la mairie", "--out", "member.pem", "--paper", "sheet.html"])
        func text(_ name: String) throws -> String { try String(contentsOfFile: person.folder.path(name), encoding: .utf8) }
        let sheet = try text("sheet.html")
        let words = try text("sheet.words.html")
        // Neither sheet has what the other has.
        let phrase = String(try #require(words.firstMatch(of: #/<pre class="words">([a-z-]{35})<\/pre>/#)).1)
        #expect(!sheet.contains(phrase) && words.firstMatch(of: #/\n[0-9]{2} [A-Z2-7]{4} /#) == nil)
        let lines = sheet.matches(of: #/(?m)^(?:<pre>)?([0-9]{2}(?: [A-Z2-7=]{4})+)(?:<\/pre>)?$/#).map { String($0.1) }
        #expect(lines.count >= 15 && lines.count < 20, "\(sheet)")
        // Stock tools read it, as the sheet says.
        let command = String(try #require(sheet.matches(of: #/<code>(sed .*)<\/code>/#).first).1)
        try person.folder.write("lines", lines.joined(separator: "\n") + "\n")
        try person.folder.write("stock.words", String(phrase))
        try openssl(person, command.replacing("-out key.pem", with: "-passin file:stock.words -out stock.pem"))
        try FileManager.default.removeItem(atPath: person.folder.path("member.pem"))

        // A letter that is another is named by its line; small letters, no spaces, and I or O as they look are not.
        var typed = lines.map { $0.lowercased().replacing(" ", with: "").replacing("i", with: "1").replacing("o", with: "0") }
        let letter = Array(lines[4])[10]
        var wrong = Array(lines[4])
        wrong[10] = letter == "A" ? "B" : "A"
        func read(_ lines: [String]) throws -> Outcome {
            try person.sceau(
                ["key", "read-paper", "--certificate", person.certificate, "--out", person.folder.path("typed.pem"), "--passphrase-file",
                    person.folder.path("words")], stdin: Data(lines.joined(separator: "\n").utf8))
        }
        try person.folder.write("words", phrase.uppercased().replacing("-", with: " ") + "\n")
        let refused = try read(Array(lines[..<4]) + [String(wrong)] + Array(lines[5...]))
        #expect(refused.status == 4 && refused.err.contains("line 5 is not as printed"), "\(refused)")
        let missing = try read(Array(lines[..<7]) + Array(lines[8...]))
        #expect(missing.status == 4 && missing.err.contains("line 8 is missing"), "\(missing)")
        #expect(try read(Array(lines.dropLast())).err.contains("the lines end before the key does"))
        typed.swapAt(0, 3)
        let outcome = try read(typed)
        #expect(outcome.status == 0, "\(outcome)")
        return Member(
            person: person, certificate: person.certificate,
            key: ["--key", person.folder.path("typed.pem"), "--passphrase-file", person.folder.path("words")])
    }

    @Test func aCommitteeOfEachKindOpens() throws {
        let cast = try Cast.ready(members: 1)
        let instance = cast.instance
        let members = try [
            Self.plain(instance), Self.encrypted(instance),
            Self.store(instance, "Émile", Self.p256, "digitalSignature,keyAgreement"),
            Self.store(instance, "Farida", Self.rsa, "digitalSignature,keyEncipherment"),
            Self.twoKeys(instance), Self.paper(instance),
        ]
        let buyer = cast.buyer
        let draft = try cast.draft(deadlineIn: 40)
        let fingerprint = try buyer.sceauChecked(
            ["consultation", "seal", draft.id, "--quorum", String(members.count)]
                + members.flatMap { ["--member", $0.certificate] })
        for member in members {
            try member.person.sceauChecked(["share", "accept", draft.id, "--fingerprint", fingerprint] + member.key)
        }
        try buyer.sceauChecked(["consultation", "publish", draft.id])
        let bidder = cast.bidders[0]
        try bidder.folder.write("offre.txt", "Prix : 1 234 567,89 €\n")
        try bidder.sceauChecked(["bid", "deposit", draft.id, bidder.folder.path("offre.txt")])
        try draft.waitUntilClosed()

        let opener = members[0].person
        let job = try opener.startSceau(
            ["open", draft.id, "--out", opener.folder.path("opened"), "--wait", "120"] + members[0].key, label: "open")
        for member in members.dropFirst() {
            try member.person.sceauChecked(["share", "approve", draft.id, "--wait", "60"] + member.key)
        }
        let status = job.wait(seconds: 120)
        let said = try String(contentsOf: job.err, encoding: .utf8)
        #expect(status == 0, "\(said)")
        let found = try Shell.check("find", [opener.folder.path("opened"), "-name", "offre.txt"]).line
        #expect(try String(contentsOfFile: found, encoding: .utf8) == "Prix : 1 234 567,89 €\n")
        // The paper was taken out: events and minutes say so, of that member alone.
        let register = try RegisterEvents(instance)
        #expect(try register.of("opening-approved").map { ($0["member"] as? Int, $0["paper"] as? Bool) }
            .filter { $0.1 == true }.map(\.0) == [6])
        #expect(try register.of("key-accepted").filter { $0["paper"] as? Bool == true }.map { $0["member"] as? Int } == [6])
        let page = try String(contentsOfFile: opener.folder.path("opened/minutes.fr.html"), encoding: .utf8)
        #expect(page.contains("Coffre de la mairie (clé sur papier)") && page.matches(of: #/clé sur papier/#).count == 1)
    }
}
