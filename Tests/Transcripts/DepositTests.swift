import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Testing

/// Deposits that are taken, and those that are not: what is refused leaves nothing but its trace.
@Suite(.serialized) struct DepositTests {
    static let mebibyte = 1 << 20
    let stage: Stage
    let consultation: Procedure
    let bidder: Curl

    init() throws {
        stage = try Stage(limits: "documentBytes: \(1 << 20), bidBytes: \(1 << 20)")
        consultation = try Procedure.published(stage)
        bidder = stage.bidders[0]
    }

    private func deposit(_ bytes: Data, named name: String = "offer.zip", fields: [String] = []) throws -> Answer {
        try bidder.deposit(bytes, named: name, in: consultation.id.text, fields: fields)
    }

    private var stored: [String] { stage.instance.envelopeFiles() }

    @Test func aReceipt() throws {
        let answer = try deposit(Data("offre".utf8), named: "mémoire n° 2 🏗️.pdf")
        #expect(answer.status == 201, "\(answer)")
        let json = answer.json
        #expect(json["verdict"] as? String == "on-time" && json["sealedBy"] as? String == "platform")
        #expect(json["consultation"] as? String == consultation.id.text && json["keys"] as? String == consultation.fingerprint.hex)
        #expect((json["bidCode"] as? String)?.wholeMatch(of: #/[0-9a-f]{32}/#) != nil)
        let document = (json["documents"] as? [[String: Any]])?.first ?? [:]
        #expect(document["name"] as? String == "mémoire n° 2 🏗️.pdf" && document["length"] as? Int == 5)
        #expect(document["sha256"] as? String == Digest(SHA256.hash(Array("offre".utf8))).hex)
        let instants = ["started", "firstByte", "received", "recorded"].compactMap { json[$0] as? String }
        #expect(instants.count == 4 && instants == instants.sorted())
        #expect(stored == ["\(consultation.id)/\(answer["bid"]).1", "\(consultation.id)/\(answer["bid"]).seal"])
    }

    /// Not one byte of the content, and no name, lies on the disk or is said to anybody.
    @Test func nothingInTheClear() throws {
        let secret = "1 234 567,89 euros hors taxes"
        let answer = try deposit(Data(String(repeating: secret, count: 1000).utf8), named: "bordereau-\(secret).xlsx")
        #expect(answer.status == 201)
        let code = answer["bidCode"]
        for word in [secret, "bordereau", code] {
            let found = try Shell.run("grep", ["-raF", "-e", word, stage.instance.data])
            #expect(found.status == 1, "\(word): \(found)")
        }
        #expect(!stage.instance.log.contains("bordereau"))
        #expect(try stage.buyer.get(consultation.path).text.contains(answer["bid"]) == false)
    }

    // MARK: Too long, cut

    @Test func longerThanTheLimit() throws {
        // With a length, before a byte of it is sent: curl asks first.
        let folder = try TemporaryFolder()
        let file = try folder.write("big", Data(count: 2 * Self.mebibyte))
        let path = consultation.path + "/bid/big.zip"
        let announced = try bidder.request(
            ["-T", file, "--expect100-timeout", "60", "-w", "%{http_code}"], path, fields: ["Expect: 100-continue"])
        #expect(announced.status == 413 && announced.problem == "too-large", "\(announced)")
        // In chunks, as soon as the limit is crossed.
        let chunked = try bidder.request(["-T", "-"], path, stdin: Data(count: 3 * Self.mebibyte))
        #expect(chunked.status == 413 || chunked.fields["curl"] == "55" || chunked.fields["curl"] == "56", "\(chunked)")
        // To the byte.
        #expect(try deposit(Data(count: Self.mebibyte + 1)).status == 413)
        #expect(try bidder.request(["-T", "-"], path, stdin: Data(count: Self.mebibyte + 1)).status == 413)
        #expect(stored == [])
        #expect(try deposit(Data(count: Self.mebibyte)).status == 201)
        #expect(try bidder.request(["-T", "-"], path, stdin: Data(count: Self.mebibyte)).status == 201)
    }

    /// Whoever waits for `100 Continue` is refused without it, and has sent nothing but the head.
    @Test func tooLongIsToldBeforeTheUpload() throws {
        func answer(_ line: String, token: String?, length: Int) throws -> String {
            try RawTLS.send(
                lines: """
                    \(line) HTTP/1.1
                    Host: localhost
                    Authorization: Bearer \(token ?? "")
                    Content-Length: \(length)
                    Expect: 100-continue


                    """, to: stage.instance)
        }
        let deposit = try answer("PUT \(consultation.path)/bid/big.zip", token: bidder.token, length: Self.mebibyte + 1)
        let json = try answer("POST /api/v1/consultations", token: stage.buyer.token, length: 64 << 10 + 1)
        for answer in [deposit, json] { #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.contains("too-large"), "\(answer)") }
        // JSON without a length, where it crosses its limit.
        let chunked = try stage.buyer.request(
            ["-X", "POST", "-T", "-"], "/api/v1/consultations", stdin: Data(repeating: 0x20, count: 64 << 10 + 1))
        #expect(chunked.status == 413 && chunked.problem == "too-large", "\(chunked)")
        #expect(stored == [])
    }

    @Test func connectionsThatAreCut() throws {
        // The client goes away in the middle.
        let head = """
            PUT \(consultation.path)/bid/cut.zip HTTP/1.1
            Host: localhost
            Authorization: Bearer \(bidder.token ?? "")
            Content-Length: 100000


            """.replacing("\n", with: "\r\n")
        let folder = try TemporaryFolder()
        let body = try folder.write("request", Data(head.utf8) + Data(count: 50_000))
        _ = try Shell.run(
            "sh",
            ["-c", "(cat \"$1\"; sleep 1) | timeout 20 openssl s_client -connect localhost:\(stage.instance.port) -CAfile \"$2\" -quiet -no_ign_eof",
                "sh", body, stage.instance.ca])
        let failed = try stage.awaitEvent("attempt-failed")
        #expect(failed?["cause"] as? String == "cut" && failed?["announced"] as? Int == 100_000, "\(failed ?? [:])")
        #expect(failed?["consultation"] as? String == consultation.id.text)
        #expect(stored == [])
    }

    @Test func withoutALength() throws {
        let answer = try RawTLS.send(
            lines: """
                PUT \(consultation.path)/bid/x.zip HTTP/1.1
                Host: localhost
                Authorization: Bearer \(bidder.token ?? "")
                Connection: close


                """, to: stage.instance)
        #expect(answer.hasPrefix("HTTP/1.1 411 "), "\(answer)")
        #expect(stored == [])
    }

    // MARK: Names

    static let refusedNames = [
        "%2e%2e", "%2e", "%2E%2E%2Fetc%2Fpasswd", "a%2Fb.pdf", "a%5Cb.pdf", "x%00.pdf", "x%07.pdf", "x%0d%0aSet-Cookie:y",
        "annexe%E2%80%AEfdp.exe", "%EF%BB%BFx", "", "%C0%AFx", "%FF",
    ]

    @Test func namesThatAreRefused() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("document", "x")
        for name in Self.refusedNames {
            let answer = try bidder.request(["-X", "PUT", "--data-binary", "@" + file], consultation.path + "/bid/" + name)
            #expect([400, 404, 422].contains(answer.status), "\(name): \(answer)")
        }
        #expect(stored == [])
    }

    @Test func aNameOf300Bytes() throws {
        #expect(try deposit(Data("x".utf8), named: String(repeating: "n", count: 300)).problem == "name")
        #expect(try deposit(Data("x".utf8), named: String(repeating: "n", count: 255)).status == 201)
    }

    @Test func namesThatAreText() throws {
        let names = ["a b.pdf", "église 🏗️.pdf", "-rf", "~", "$(reboot)", "CON", "a;b|c&d", "..a", "%2e%2e", "x'\"y"]
        for name in names {
            let answer = try deposit(Data("x".utf8), named: name)
            #expect(answer.status == 201, "\(name): \(answer)")
            #expect((answer.json["documents"] as? [[String: Any]])?.first?["name"] as? String == name)
        }
        #expect(stored.count == 2 * names.count && stored.allSatisfy { $0.wholeMatch(of: #/[0-9a-f]{32}\/[0-9a-f]{32}\.(1|seal)/#) != nil })
    }

    // MARK: Twice

    @Test func theSameTwice() throws {
        let first = try deposit(Data("offre".utf8))
        let second = try deposit(Data("offre".utf8))
        #expect(first.status == 201 && second.status == 201 && first["bid"] != second["bid"])
    }

    @Test func underAnIdempotencyKey() throws {
        let key = ["Idempotency-Key: depot-1"]
        let first = try deposit(Data("offre".utf8), fields: key)
        let again = try deposit(Data("offre".utf8), fields: key)
        #expect(first.status == 201 && again.status == 201, "\(first) \(again)")
        #expect(first.json["bidCode"] != nil && again.json["bidCode"] == nil)
        var without = first.json
        without["bidCode"] = nil
        #expect(NSDictionary(dictionary: without).isEqual(to: again.json), "\(first)\n\(again)")
        // The same key with another body, of the same or another length; another's same key is another's.
        for other in ["autre", "une autre"] {
            let answer = try deposit(Data(other.utf8), fields: key)
            #expect(answer.status == 422 && answer.problem == "idempotency", "\(answer)")
        }
        let another = try stage.bidders[1].deposit(Data("offre".utf8), in: consultation.id.text, fields: key)
        #expect(another.status == 201 && another["bid"] != first["bid"])
        #expect(stored.count == 4)
        // Also after a restart.
        #expect(try stage.instance.stop() == 0)
        try stage.instance.start()
        #expect(try deposit(Data("offre".utf8), fields: key)["bid"] == first["bid"])
    }

    @Test func aBidCodeOfOnesOwn() throws {
        let code = "00112233445566778899aabbccddeeff"
        let answer = try deposit(Data("offre".utf8), fields: ["Bid-Code: " + code])
        #expect(answer.status == 201 && (answer.json["bidCode"] == nil || answer["bidCode"] == code), "\(answer)")
        for wrong in ["short", String(repeating: "g", count: 32), code.uppercased() + "0"] {
            let answer = try deposit(Data("offre".utf8), fields: ["Bid-Code: " + wrong])
            #expect((400...422).contains(answer.status), "\(wrong): \(answer)")
        }
        #expect(stored.count == 2)
    }
}
