import Foundation
import Rehearsal
import Testing

/// README's commands for committees, and those for a key on paper, as they are written: each line at the machine of whoever its comment names.
struct ReadmeCommitteeTests {
    private static let names = ["alice": "Alice Martin", "bruno": "Bruno Leroy", "coffre": "Coffre de la mairie", "denis": "Denis Roux"]

    private let cast: Cast
    private let people: [String: Person]

    init() throws {
        cast = try Cast.ready(members: 1)
        var people = ["buyer": cast.buyer, "admin": try Person("Secrétaire générale", role: "admin", at: cast.instance, account: "Valbourg")]
        for (who, name) in Self.names {
            let person = try Person(name, role: "opener", at: cast.instance, account: "Valbourg")
            try person.sceauChecked(
                ["key", "new", "--name", name, "--out", "\(who).pem"] + (who == "coffre" ? ["--paper", "coffre.html"] : ["--unencrypted"]))
            people[who] = person
        }
        self.people = people
        // What is public, everybody has.
        for who in Self.names.keys {
            let certificate = try String(contentsOfFile: person(who).folder.path("\(who).crt"), encoding: .utf8)
            for (other, person) in people where other != who { try person.folder.write("\(who).crt", certificate) }
        }
    }

    private func person(_ who: String) throws -> Person { try #require(people[who], "nobody is \(who)") }

    /// The lines of each block of a part of a page.
    private static func blocks(of page: String, between start: String, and end: String) throws -> [[String]] {
        let text = try String(contentsOfFile: Checkout.path(page), encoding: .utf8)
        let part = try #require(text.components(separatedBy: start).dropFirst().first?.components(separatedBy: end).first)
        return part.matches(of: #/```\n(.*?)```/#.dotMatchesNewlines()).map { $0.1.split(separator: "\n").map(String.init) }
    }

    private func environment(_ who: String, _ variables: [String: String]) throws -> [String: String] {
        let programs = URL(filePath: Checkout.binary("sceau")).deletingLastPathComponent().path(percentEncoded: false)
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try person(who).sceauEnvironment.merging(variables) { $1 }.merging(["PATH": "\(programs):\(path)"]) { $1 }
    }

    /// The six words, from the sheet that they are printed on.
    private func words() throws -> String {
        let sheet = try String(contentsOfFile: person("coffre").folder.path("coffre.words.html"), encoding: .utf8)
        return String(try #require(sheet.firstMatch(of: #/<pre class="words">([a-z-]{35})<\/pre>/#)).1)
    }

    /// Runs a line to a good end. The safe's key asks for its words on the terminal; the others are exercises without any.
    @discardableResult
    private func run(_ line: String, _ who: String, _ variables: [String: String]) throws -> Outcome {
        let (environment, folder) = (try environment(who, variables), try person(who).folder.url)
        let outcome = who == "coffre"
            ? try TypedTerminal.run(line, answers: [("Passphrase of coffre.pem:", words())], environment: environment, folder: folder)
            : try Shell.run("bash", ["-euc", line], environment: environment, folder: folder)
        guard outcome.status == 0 else { throw Shell.Failed(command: "\(who): \(line)", outcome: outcome) }
        return outcome
    }

    private func start(_ line: String, _ who: String, _ variables: [String: String]) throws -> Job {
        let (folder, name) = (try person(who).folder.url, UUID().uuidString)
        return try Job(
            "bash", ["-euc", line], environment: environment(who, variables), folder: folder,
            out: folder.appending(path: name + ".out"), err: folder.appending(path: name + ".err"))
    }

    private func end(_ job: Job) throws -> String {
        let status = job.wait(seconds: 180)
        let said = try String(contentsOf: job.err, encoding: .utf8)
        #expect(status == 0, "\(said)")
        return try String(contentsOf: job.out, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func forCommittees() throws {
        let blocks = try Self.blocks(of: "README.md", between: "\n## For committees\n", and: "\n## ")
        try #require(blocks.map(\.count) == [5, 3, 4], "\(blocks)")
        let (standing, renewal, added) = (blocks[0], blocks[1], blocks[2])
        let consultation = try cast.draft(deadlineIn: 90)
        var variables = ["ID": consultation.id]
        func deposit(_ text: String, _ bidder: Person, _ key: String) throws {
            try bidder.sceauChecked(["bid", "deposit", consultation.id, bidder.folder.write("\(text).txt", text), "--key", key])
        }

        variables["DIGEST"] = try run(standing[0], "admin", variables).line
        let first = try run(standing[1], "buyer", variables).line
        for who in ["alice", "bruno", "coffre"] {
            let accepted = try run(standing[2].replacing("alice", with: who), who, variables)
            #expect(accepted.text.contains(consultation.id), "\(accepted)")
        }
        try cast.buyer.sceauChecked(["consultation", "publish", consultation.id])
        let held = HeldDeadline(of: consultation)
        let rehearsed = try run(standing[3], "alice", variables)
        #expect(rehearsed.text.contains("opens; recorded"), "\(rehearsed)")
        let replaced = try run(standing[4], "admin", variables)
        #expect(replaced.err.contains("a re-share is due in 1"), "\(replaced)")
        try deposit("avant", cast.bidders[0], first)

        let announced = try start(renewal[0], "bruno", variables)
        let proposed = try #require(try Renewal.digest(while: announced))
        variables["DIGEST"] = proposed
        try run(renewal[1], "coffre", variables)
        let dealt = try end(announced)
        for who in ["denis", "bruno", "coffre"] { try run(renewal[2].replacing("denis", with: who), who, variables) }
        #expect(try cast.buyer.curl.get(consultation.path + "/keys")["fingerprint"] == dealt)
        #expect(try cast.buyer.curl.get(consultation.path)["fingerprint"] == first)

        variables["DIGEST"] = replaced.line
        let second = try run(added[0], "buyer", variables).line
        variables["FINGERPRINT"] = second
        for who in ["alice", "denis", "coffre"] { try run(added[1].replacing("alice", with: who), who, variables) }
        #expect(try run(added[2], "buyer", variables).line == second)
        try deposit("après", cast.bidders[1], second)
        try held.letGo()
        for (who, keys, text) in [("alice", second, "après"), ("bruno", first, "avant")] {
            variables["FINGERPRINT"] = keys
            let opening = try start(added[3].replacing("alice", with: who), who, variables)
            try run("sceau share approve $ID --wait 60 --key denis.pem --fingerprint $FINGERPRINT", "denis", variables)
            #expect(try end(opening).hasPrefix("1 bid opened, 1 under other keys"))
            let files = try StoryTests.files(below: person(who).folder.url.appending(path: "opened")).filter { $0.pathExtension == "txt" }
            #expect(try files.map { try String(contentsOf: $0, encoding: .utf8) } == [text])
        }
    }

    @Test func onPaper() throws {
        let block = try #require(Self.blocks(of: "Keys/README.md", between: "\n**On paper.** ", and: "\n**A standing committee** ").first)
        try #require(block.count == 3, "\(block)")
        let (safe, member) = (try person("coffre"), cast.members[0])
        let consultation = try cast.draft(deadlineIn: 60)
        let fingerprint = try cast.buyer.sceauChecked(
            ["consultation", "seal", consultation.id, "--quorum", "2", "--member", member.certificate, "coffre.crt"])
        try member.sceauChecked(["share", "accept", consultation.id, "--key", member.key ?? "", "--fingerprint", fingerprint])
        try run("sceau share accept $ID --key coffre.pem", "coffre", ["ID": consultation.id])
        try cast.buyer.sceauChecked(["consultation", "publish", consultation.id])
        try cast.bidders[0].sceauChecked(["bid", "deposit", consultation.id, cast.bidders[0].folder.write("offre.txt", "prix")])
        try FileManager.default.removeItem(atPath: safe.folder.path("coffre.pem"))

        try consultation.waitUntilClosed()
        let opening = try member.startSceau(["open", consultation.id, "--key", member.key ?? "", "--out", "opened", "--wait", "120"], label: "open")
        while try consultation.openings().isEmpty { try #require(opening.wait(seconds: 0.2) == nil) }
        let sheet = try String(contentsOfFile: safe.folder.path("coffre.html"), encoding: .utf8)
        let lines = sheet.matches(of: #/(?m)^(?:<pre>)?([0-9]{2}(?: [A-Z2-7=]{4})+)(?:<\/pre>)?$/#).map { String($0.1) }
        let outcome = try TypedTerminal.run(
            block.joined(separator: "\n"), answers: [("with its number:", lines.joined(separator: "\n")), ("Passphrase of coffre.pem:", words())],
            environment: environment("coffre", ["ID": consultation.id]), folder: safe.folder.url)
        #expect(try outcome.status == 0 && !outcome.err.contains(words()), "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: safe.folder.path("coffre.pem")))
        #expect(try end(opening).hasPrefix("1 bid opened"))
    }
}
