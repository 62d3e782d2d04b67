import Canonical
import Foundation
import Rehearsal
import Testing

/// A receipt in the hands of its bidder: the container itself, checked by `sceau verify`, by stock tools and by another's code.
@Suite(.serialized) struct ReceiptTests {
    static let mediaType = "application/vnd.etsi.asic-e+zip"
    let stage: Stage
    let consultation: Procedure
    let folder: TemporaryFolder
    private let offer = Data("Prix global et forfaitaire".utf8)

    init() throws {
        stage = try Stage()
        consultation = try Procedure.published(stage)
        folder = try TemporaryFolder()
        try folder.write("offre.zip", offer)
    }

    private func key(_ log: String = "real") -> String { "\(stage.instance.data)/keys/log-\(log).vkey" }

    private func deposit(_ fields: [String] = []) throws -> Answer {
        try stage.bidders[0].deposit(
            offer, named: "offre.zip", in: consultation.id.text, fields: ["Accept: \(Self.mediaType)"] + fields)
    }

    /// As somebody who has files and no daemon.
    private func verify(_ arguments: [String]) throws -> Outcome {
        try Shell.run(Checkout.binary("sceau"), ["verify"] + arguments, folder: folder.url)
    }

    private func lines(_ outcome: Outcome, _ word: String) -> [Substring] { outcome.text.split(separator: "\n").filter { $0.hasPrefix(word) } }

    @Test func theAnswerIsTheContainerAndHoldsOffline() throws {
        let answer = try deposit()
        #expect(answer.status == 201 && answer.fields["content-type"] == Self.mediaType, "\(answer)")
        let code = try #require(answer.fields["bid-code"])
        let location = try #require(answer.fields["location"])
        try folder.write("receipt.asice", answer.body)
        let good = try verify(["receipt.asice", "offre.zip", "--log", key()])
        #expect(good.status == 0 && lines(good, "FAILS").isEmpty, "\(good)")
        #expect(good.text.contains("holds: document: offre.zip") && good.text.contains("Alpes Béton"))

        // The same again: with the token that made it, with the code; the lists and the leaf are those.
        let again = try stage.bidders[0].get(location)
        #expect(again.status == 200 && again.fields["cache-control"] == "no-store")
        let withCode = try stage.bidders[0].request([], location, fields: ["Bid-Code: \(code)"])
        for (name, body) in [("again", again.body), ("code", withCode.body)] {
            try folder.write("\(name).asice", body)
            #expect(try verify(["\(name).asice", "offre.zip", "--log", key()]).status == 0)
            for entry in ["leaf.json", "seal.json", "manifest-offer.json"] {
                let (one, other) = try (
                    Shell.check("unzip", ["-p", folder.path("receipt.asice"), entry]),
                    Shell.check("unzip", ["-p", folder.path("\(name).asice"), entry]))
                #expect(one.out == other.out && !one.out.isEmpty)
            }
        }
        #expect(try stage.bidders[0].request([], location, fields: ["Bid-Code: " + String(repeating: "0", count: 32)]).status == 403)
        #expect(try stage.bidders[1].request([], location, fields: ["Bid-Code: \(code)"]).status == 404)
        #expect(try stage.buyer.get(location).status == 403)
        #expect(try stage.anyone.get(location).status == 401)
    }

    @Test func whatWasChangedIsNamedAndEndsWithFour() throws {
        try folder.write("receipt.asice", try deposit().body)
        // Another file under the same name, another instance's key, the training log's key.
        try FileManager.default.createDirectory(atPath: folder.path("other"), withIntermediateDirectories: true)
        try folder.write("other/offre.zip", "another")
        let other = try verify(["receipt.asice", folder.path("other/offre.zip"), "--log", key()])
        #expect(other.status == 4 && lines(other, "FAILS") == ["FAILS: document: offre.zip: it is not the file that was deposited under this name"])
        let training = try verify(["receipt.asice", "--log", key("training")])
        #expect(training.status == 4 && training.text.contains("FAILS: instance"))
        var file = [UInt8](try Data(contentsOf: URL(filePath: folder.path("receipt.asice"))))
        file[file.count / 2] ^= 1
        try folder.write("altered.asice", Data(file))
        #expect(try verify(["altered.asice", "--log", key()]).status == 4)
        #expect(try verify(["receipt.asice"]).status == 2)
        #expect(try verify(["offre.zip", "--log", key()]).status == 4)
        #expect(try verify(["missing.asice", "--log", key()]).status == 1)
        let json = try verify(["receipt.asice", "--log", key(), "--json"])
        let report = try JSONSerialization.jsonObject(with: json.out) as? [String: Any]
        #expect(json.status == 0 && report?["good"] as? Bool == true)
    }

    @Test func theToolFetchesIt() throws {
        let answer = try stage.bidders[0].deposit(offer, named: "offre.zip", in: consultation.id.text)
        let (bid, code) = (answer["bid"], answer["bidCode"])
        try folder.write("code", code + "\n")
        try folder.write("token", try stage.instance.addUser("Bis", role: "bidder", account: "Alpes Béton") + "\n")
        let environment = ["SCEAU_URL": stage.instance.url, "SCEAU_CA": stage.instance.ca, "SCEAU_TOKEN_FILE": folder.path("token")]
        func fetch(_ arguments: [String]) throws -> Outcome {
            try Shell.run(Checkout.binary("sceau"), ["receipt", bid] + arguments, environment: environment, folder: folder.url)
        }
        #expect(try fetch(["--out", "full.asice", "--bid-code-file", "code"]).status == 0)
        #expect(try verify(["full.asice", "offre.zip", "--log", key()]).status == 0)
        // A colleague without the code gets the receipt without its list.
        let copy = try fetch(["--out", "copy.asice"])
        #expect(copy.status == 0 && copy.err.contains("without the list"))
        #expect(try verify(["copy.asice", "--log", key()]).status == 0)
        #expect(try verify(["copy.asice", "offre.zip", "--log", key()]).status == 4)
        #expect(try fetch(["--out", "copy.asice"]).status == 1, "nothing is written over")
    }

    /// Nothing of ours: Python's `zipfile` and `hashlib`.
    @Test func anotherReaderFindsTheSameChain() throws {
        try folder.write("receipt.asice", try deposit().body)
        let said = try Shell.check("python3", ["-c", """
            import base64, hashlib, json, sys, zipfile
            z = zipfile.ZipFile('receipt.asice')
            assert z.testzip() is None and z.infolist()[0].filename == 'mimetype'
            assert all(i.compress_type == zipfile.ZIP_STORED for i in z.infolist())
            sha = lambda b: hashlib.sha256(b).hexdigest()
            leaf, seal, manifest = (z.read(n) for n in ('leaf.json', 'seal.json', 'manifest-offer.json'))
            document = json.loads(manifest)['documents'][0]
            assert document['sha256'] == sha(open('offre.zip', 'rb').read()) and document['name'] == 'offre.zip'
            assert json.loads(seal)['parts'][0]['contents'] == sha(manifest)
            assert json.loads(leaf)['seal'] == sha(seal)
            xml = z.read('META-INF/ASiCManifest001.xml').decode()
            for part in (leaf, seal, manifest):
                assert base64.b64encode(hashlib.sha256(part).digest()).decode() in xml
            head, note = z.read('receipt.tlog-proof').decode().split('\\n\\n', 1)
            lines = head.split('\\n')
            assert lines[0] == 'c2sp.org/tlog-proof@v1'
            index, path = int(lines[1].split()[1]), [base64.b64decode(l) for l in lines[2:]]
            origin, size, root = note.split('\\n')[:3]
            h, at, last = hashlib.sha256(b'\\0' + leaf).digest(), index, int(size) - 1
            for p in path:
                if at % 2 or at == last:
                    h = hashlib.sha256(b'\\1' + p + h).digest()
                    while at and at % 2 == 0: at, last = at // 2, last // 2
                else:
                    h = hashlib.sha256(b'\\1' + h + p).digest()
                at, last = at // 2, last // 2
            assert last == 0 and base64.b64encode(h).decode() == root
            print(origin)
            """], folder: folder.url)
        #expect(said.line.hasPrefix("sceau/") && said.line.hasSuffix("/real"))
    }

    /// The token in a receipt by an implementation of RFC 3161 that shares nothing with ours, nor with OpenSSL's: `rfc3161-client` from
    /// PyPI (Rust).
    @Test func anotherImplementationVerifiesTheToken() throws {
        try folder.write("receipt.asice", try deposit().body)
        let ca = stage.instance.data + "/keys/tsa-ca.crt"
        let said = try Python.check("""
            import sys, zipfile
            from cryptography.x509 import load_pem_x509_certificate
            from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
            z = zipfile.ZipFile('receipt.asice')
            token, manifest = z.read('META-INF/timestamp001.tst'), z.read('META-INF/ASiCManifest001.xml')
            def der(tag, body):
                n = len(body)
                return bytes([tag]) + (bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, 'big')) + body
            # A receipt bears the CMS; this library reads the answer around it: PKIStatusInfo granted, then the token (RFC 3161, 2.4.2).
            response = decode_timestamp_response(der(0x30, der(0x30, der(0x02, b'\\x00')) + token))
            root = load_pem_x509_certificate(open(sys.argv[1], 'rb').read())
            verifier = VerifierBuilder(roots=[root]).build()
            assert verifier.verify_message(response, manifest)
            for other in (manifest + b' ', z.read('leaf.json')):
                try:
                    verifier.verify_message(response, other)
                    raise SystemExit('taken for something else')
                except VerificationError:
                    pass
            print(response.tst_info.gen_time.isoformat())
            """, [ca], folder: folder.url)
        #expect(said.line.hasPrefix("20"), "\(said)")
    }

    /// The time rests on the operator's word, also where its own authority's certificate is given as one to trust.
    @Test func theOwnAuthorityIsTheOperatorsWord() throws {
        try folder.write("receipt.asice", try deposit().body)
        let own = try verify(["receipt.asice", "--log", key(), "--trust", stage.instance.data + "/keys/tsa-ca.crt"])
        #expect(own.status == 0, "\(own)")
        #expect(lines(own, "on the operator's word: timestamp:").count == 1 && lines(own, "on the operator's word: time:").count == 1, "\(own)")
        let stranger = try Instance(name: "Voisine")
        let other = try verify(["receipt.asice", "--log", key(), "--trust", stranger.data + "/keys/tsa-ca.crt"])
        #expect(other.status == 4 && other.text.contains("is not among those trusted; --trust FILE names those you trust"), "\(other)")
    }
}
