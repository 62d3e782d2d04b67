import Canonical
import Foundation
import OpenSSL
import Rehearsal
import Sealing
import Testing

/// `Deploy/recover`, with nothing of ours but the envelope: no buyer is locked in.
@Suite(.serialized) struct RecoverTests {
    static let name = "mémoire «technique» – \\église\u{202e} 🏗️ ../x\".pdf"

    static func documents(_ large: Int = 100_000) throws -> [BackedUpEnvelope.Document] {
        [
            .init(part: "candidacy", name: "dc1.pdf", bytes: try Random.bytes(1000)),
            .init(part: "offer", name: name, bytes: try Random.bytes(large)),
            .init(part: "offer", name: "vide.txt", bytes: []),
        ]
    }

    @Test func everyDocumentOfEveryPart() throws {
        // Three segments, the last one short.
        let envelope = try BackedUpEnvelope(documents: Self.documents(34 << 20))
        let (outcome, out) = try envelope.recover(arguments: ["--expect", envelope.seal.digest.hex])
        #expect(outcome.status == 0, "\(outcome)")
        for number in 1...3 {
            #expect(try envelope.recovered(number, in: out) == envelope.documents[number - 1].bytes, "document \(number)")
        }
        // The name on the disk is safe; the true one is in the manifest.
        let names = try FileManager.default.contentsOfDirectory(atPath: out.path(percentEncoded: false) + "/offer")
        #expect(names.allSatisfy { $0.wholeMatch(of: #/[23]-[A-Za-z0-9._-]+/#) != nil }, "\(names)")
        let manifest = try Manifest(canonical: Array(Data(contentsOf: out.appending(path: "manifest-offer.json"))))
        #expect(manifest.documents.first?.name == Self.name)
        // Nothing else is left: no scratch, and what is kept is the owner's alone.
        let kept = try FileManager.default.subpathsOfDirectory(atPath: out.path(percentEncoded: false)).sorted()
        #expect(kept.count == 7 && !kept.contains { $0.contains("recover") }, "\(kept)")
        let mode = try FileManager.default.attributesOfItem(atPath: out.path(percentEncoded: false))[.posixPermissions] as? Int
        #expect(mode == 0o700)
    }

    @Test func anyQuorumAndEitherHalfOfThePlatform() throws {
        let envelope = try BackedUpEnvelope(documents: Self.documents())
        for (members, platform) in [([1, 2], "time-lock"), ([2, 3], "recovery"), ([3, 1, 2], "recovery")] {
            let (outcome, out) = try envelope.recover(members: members, platform: platform)
            #expect(outcome.status == 0, "\(members) \(platform): \(outcome)")
            #expect(try envelope.recovered(2, in: out) == envelope.documents[1].bytes)
        }
    }

    /// Sealed before, opened with the shares of the committee after: with either half of the platform, and not by who left.
    @Test func afterAReshare() throws {
        let envelope = try BackedUpEnvelope(documents: Self.documents())
        try envelope.reshare()
        for platform in ["time-lock", "recovery"] {
            let (outcome, out) = try envelope.recover(members: [4, 1], platform: platform)
            #expect(outcome.status == 0, "\(platform): \(outcome)")
            for number in 1...3 { #expect(try envelope.recovered(number, in: out) == envelope.documents[number - 1].bytes) }
        }
        let (left, out) = try envelope.recover(members: [3, 4])
        #expect(left.status == 3, "\(left)")
        #expect(try envelope.recovered(1, in: out) == nil)
    }

    /// PKCS#12, encrypted DER, and the lines of a sheet of paper as somebody typed them; each with its passphrase, and with a wrong one.
    @Test func everyKindOfKeyFile() throws {
        let envelope = try BackedUpEnvelope(documents: Self.documents())
        func path(_ name: String) -> String { envelope.folder.path(name) }
        let words = try envelope.folder.write("words", "lusab-babad-gutih-tugad-mudof-sakat\n")
        let wrong = try envelope.folder.write("wrong", "babab-babab-babab-babab-babab-babab\n")
        try Shell.check(
            "openssl", ["pkcs12", "-export", "-inkey", path("member1.pem"), "-in", path("member1.crt"), "-passout", "file:" + words, "-out", path("1.p12")])
        try Shell.check(
            "openssl",
            ["pkcs8", "-topk8", "-in", path("member1.pem"), "-outform", "DER", "-v2", "aes-256-cbc", "-passout", "file:" + words, "-out", path("1.der")])
        let lines = try PaperLines.encode(Array(Data(contentsOf: URL(filePath: path("1.der")))))
        try envelope.folder.write("1.lines", lines.joined(separator: "\n") + "\n")
        for kind in ["1.p12", "1.der", "1.lines"] {
            for (passphrase, status) in [(words, 0), (wrong, 3)] as [(String, Int32)] {
                for platform in ["time-lock", "recovery"] {
                    let (outcome, out) = try envelope.recover(
                        members: [3], platform: platform, arguments: ["--member", path(kind), "--passphrase", passphrase])
                    #expect(outcome.status == status, "\(kind): \(outcome)")
                    #expect(try envelope.recovered(2, in: out) == (status == 0 ? envelope.documents[1].bytes : nil), "\(kind)")
                    #expect(!outcome.err.contains("lusab"))
                }
            }
        }
    }

    @Test func noFewerAndNoOtherKeys() throws {
        let envelope = try BackedUpEnvelope(documents: Self.documents())
        let cases: [(members: [Int], key: String, says: String)] = [
            ([2], "timelock", "1 of the 2 shares"), ([1, 1], "timelock", "1 of the 2 shares"),
            ([1, 2], "stranger", "does not open with the time-lock key"), ([1, 2], "recovery", "does not open with the time-lock key"),
        ]
        for (members, key, says) in cases {
            let (outcome, out) = try envelope.recover(members: members, key: key)
            #expect(outcome.status == 3 && outcome.err.contains(says), "\(members) \(key): \(outcome)")
            #expect(try envelope.recovered(1, in: out) == nil)
        }
    }

    @Test func whatWasAlteredIsNamedAndTheRestOpens() throws {
        let large = 20 << 20
        let cases: [(change: (BackedUpEnvelope) throws -> Void, says: String)] = [
            ({ try $0.flip("\($0.seal.bid).2", at: 17 << 20) }, "document 2, segment 2"),
            ({ try $0.flip("\($0.seal.bid).2", at: 0) }, "document 2, segment 1"),
            ({ try FileManager.default.removeItem(atPath: $0.path + ".2") }, "document 2: "),  // and its path, below
            ({ envelope in
                let file = try FileHandle(forWritingTo: URL(filePath: envelope.path + ".2"))
                try file.truncate(atOffset: UInt64(large - 1))
            }, "document 2: its length"),
            ({ try Data(try Random.bytes(large)).write(to: URL(filePath: $0.path + ".2")) }, "document 2, segment 1"),
        ]
        for (change, says) in cases {
            let envelope = try BackedUpEnvelope(documents: Self.documents(large))
            try change(envelope)
            let (outcome, out) = try envelope.recover()
            #expect(outcome.status == 1, "\(says): \(outcome)")
            #expect(outcome.err.contains("bid \(envelope.seal.bid), \(says)"), "\(outcome)")
            let isThere = FileManager.default.fileExists(atPath: envelope.path + ".2")
            #expect(outcome.err.contains("\(envelope.path).2 is missing") == !isThere, "\(outcome)")
            #expect(try envelope.recovered(1, in: out) == envelope.documents[0].bytes)
            #expect(try envelope.recovered(2, in: out) == nil)
            #expect(try envelope.recovered(3, in: out) == [])
        }
    }

    /// Every byte of the archive that is not in `received.json` or the ZIP's own directory matters.
    @Test func anAlteredSealIsRefused() throws {
        let envelope = try BackedUpEnvelope(documents: Self.documents())
        let archive = try Data(contentsOf: URL(filePath: envelope.path + ".seal"))
        let cases = [
            ("\"sealedBy\":\"", "the seal is "), ("seal.json", "the seal is "), ("offer.p7m", "the manifest of part offer was altered"),
            ("2.p7m", "document 2: its headers or its list of segments"), ("2.segments", "document 2: its headers or its list of segments"),
        ]
        for (needle, says) in cases {
            guard let range = archive.firstRange(of: Data(needle.utf8)) else {
                Issue.record("\(needle) is not in the archive")
                continue
            }
            var altered = archive
            altered[needle.hasPrefix("\"") ? range.upperBound : range.upperBound + 40] ^= 1
            try altered.write(to: URL(filePath: envelope.path + ".seal"))
            let (outcome, _) = try envelope.recover(arguments: ["--expect", envelope.seal.digest.hex])
            #expect(outcome.status == 1 && outcome.err.contains(says), "\(needle): \(outcome)")
        }
    }

    @Test func anEnvelopeCopiedFromAnotherConsultation() throws {
        // Its seal says what the consultation is; the manifest inside, which nobody else can write, says another.
        let other = try Identifier(BackedUpEnvelope.text("c2"))
        let envelope = try BackedUpEnvelope(documents: Self.documents(), manifestOf: other)
        // Whoever copies an envelope writes its seal anew.
        var archive = try Data(contentsOf: URL(filePath: envelope.path + ".seal"))
        let said = { (consultation: String) in Data("\"consultation\":\"\(consultation)\"".utf8) }
        while let place = archive.firstRange(of: said(other.text)) {
            archive.replaceSubrange(place, with: said(BackedUpEnvelope.text("c1")))
        }
        try archive.write(to: URL(filePath: envelope.path + ".seal"))
        let (outcome, out) = try envelope.recover()
        #expect(outcome.status == 1 && outcome.err.contains("its manifest is of another consultation"), "\(outcome)")
        #expect(try envelope.recovered(1, in: out) == nil)
    }

    /// Whoever sealed it wrote another digest into the manifest.
    @Test func aManifestThatIsNotOfItsDocument() throws {
        var documents = try Self.documents(10)
        documents[1].said = .zero
        let envelope = try BackedUpEnvelope(documents: documents)
        let (outcome, out) = try envelope.recover()
        #expect(outcome.status == 1 && outcome.err.contains("document 2: what opened is not what the manifest says"), "\(outcome)")
        #expect(try envelope.recovered(2, in: out) == nil && envelope.recovered(3, in: out) == [])
    }

    /// What a thief wrote into a backup is text: also where `sh` is bash, whose arithmetic runs the commands in an index.
    @Test func aBackupThatWouldRunCommands() throws {
        let envelope = try BackedUpEnvelope(documents: Self.documents(10))
        try envelope.folder.write("hostile.capsule", Data(#"{"k":[{"a[$(touch ran)]/x":1,"b":2},3]}"#.utf8))
        let outcome = try Shell.run(
            "bash",
            [Checkout.path("Deploy/recover"), "--seal", envelope.path + ".seal", "--capsule", envelope.folder.path("hostile.capsule"),
                "--member", envelope.folder.path("member1.pem"), "--time-lock", envelope.folder.path("timelock.pem"), "--out",
                envelope.folder.path("out")],
            folder: envelope.folder.url)
        #expect(outcome.status != 0 && outcome.err.contains("a name that none has"), "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: envelope.folder.path("ran")))
    }

    @Test func calledWrongly() throws {
        let envelope = try BackedUpEnvelope(documents: Self.documents(10))
        #expect(try Shell.run(Checkout.path("Deploy/recover"), []).status == 2)
        #expect(try Shell.run(Checkout.path("Deploy/recover"), ["--nonsense"]).status == 2)
        #expect(try Shell.run(Checkout.path("Deploy/recover"), ["--help"]).status == 0)
        // Nothing is written over.
        let (first, out) = try envelope.recover()
        #expect(first.status == 0)
        let again = try Shell.run(
            Checkout.path("Deploy/recover"),
            ["--seal", envelope.path + ".seal", "--capsule", envelope.folder.path("offer.capsule"), "--member",
                envelope.folder.path("member1.pem"), "--time-lock", envelope.folder.path("timelock.pem"), "--out",
                out.path(percentEncoded: false)])
        #expect(again.status == 2 && again.err.contains("there already"))
    }

    /// Only what the design allows: no interpreter, no code of ours.
    @Test func onlyStockTools() throws {
        let envelope = try BackedUpEnvelope(documents: Self.documents())
        let bin = envelope.folder.url.appending(path: "bin")
        try FileManager.default.createDirectory(at: bin, withIntermediateDirectories: false)
        let tools = [
            "openssl", "gfcombine", "dd", "sed", "od", "tr", "cut", "wc", "mktemp", "tail", "head", "cat", "cp", "mv", "rm", "mkdir",
            "seq", "printf", "sh", "dash",
        ]
        for tool in tools {
            guard let path = Shell.find(tool) else { continue }
            try FileManager.default.createSymbolicLink(atPath: bin.appending(path: tool).path(percentEncoded: false), withDestinationPath: path)
        }
        let outcome = try Shell.run(
            "sh",
            [Checkout.path("Deploy/recover"), "--seal", envelope.path + ".seal", "--capsule", envelope.folder.path("offer.capsule"),
                "--capsule", envelope.folder.path("candidacy.capsule"), "--member", envelope.folder.path("member1.pem"),
                "--member", envelope.folder.path("member3.pem"), "--time-lock", envelope.folder.path("timelock.pem"),
                "--out", envelope.folder.path("bare")],
            environment: ["PATH": bin.path(percentEncoded: false)])
        #expect(outcome.status == 0, "\(outcome)")
    }
}
