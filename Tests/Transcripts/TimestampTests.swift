import Foundation
import OpenSSL
import Rehearsal
import Testing

/// The embedded authority over HTTP, spoken to and judged by tools of others.
@Suite struct TimestampTests {
    /// What `API.md` shows: `openssl ts -query`, `curl`, `openssl ts -verify`.
    @Test func stockToolsGetATimestamp() throws {
        let stage = try Stage()
        let folder = try TemporaryFolder()
        let document = try folder.write("offre.zip", "an offer")
        let query = folder.path("query")
        let reply = folder.path("reply")
        let ca = stage.instance.data + "/keys/tsa-ca.crt"
        try Shell.check("openssl", ["ts", "-query", "-data", document, "-sha256", "-cert", "-out", query])
        let type = ["Content-Type: application/timestamp-query"]
        func ask(_ curl: Curl, _ file: String, _ fields: [String]) throws -> Answer {
            try curl.request(["--data-binary", "@" + file], "/tsa", fields: fields)
        }
        let answer = try ask(stage.bidders[0], query, type)
        #expect(answer.status == 200)
        #expect(answer.fields["content-type"] == "application/timestamp-reply")
        try answer.body.write(to: URL(filePath: reply))
        try Shell.check("openssl", ["ts", "-verify", "-queryfile", query, "-in", reply, "-CAfile", ca])
        try Shell.check("openssl", ["ts", "-verify", "-data", document, "-in", reply, "-CAfile", ca])
        let text = try Shell.check("openssl", ["ts", "-reply", "-in", reply, "-text"]).text
        #expect(text.contains("Accuracy: 0x01 seconds"))
        #expect(text.contains("Policy OID: \(TimestampAuthority.embeddedPolicy)"))
        let instant = try #require(text.firstMatch(of: #/Time stamp: (.*)\n/#)).1
        #expect(instant.contains(#/\d\d:\d\d:\d\d(\.\d{1,3})? 20\d\d GMT/#), "\(instant)")

        // A digest more, and the time: every role may ask, and nobody without a token.
        #expect(try ask(stage.buyer, query, type).status == 200)
        #expect(try ask(stage.anyone, query, type).problem == "unauthenticated")
        #expect(try ask(stage.bidders[0], query, ["Content-Type: application/json"]).problem == "unsupported")
        let long = try folder.write("long", Data(repeating: 0x30, count: 5000))
        #expect(try ask(stage.bidders[0], long, type).problem == "too-large")
        let garbage = try ask(stage.bidders[0], document, type)
        #expect(garbage.status == 200)
        #expect(throws: TimestampError.notGranted(status: 2, text: "Bad request format or system error.")) {
            try TimestampResponse(der: Array(garbage.body))
        }
    }

    /// The container that a deposit answers with bears its token already; stock tools check it.
    @Test func aReceiptIsStamped() throws {
        let stage = try Stage()
        let consultation = try Procedure.published(stage)
        let answer = try stage.bidders[0].deposit(
            Data("an offer".utf8), in: "\(consultation.id)", fields: ["Accept: application/vnd.etsi.asic-e+zip"])
        #expect(answer.status == 201)
        let folder = try TemporaryFolder()
        try folder.write("receipt.asice", answer.body)
        try Shell.check("unzip", ["-q", "receipt.asice"], folder: folder.url)
        try Shell.check(
            "openssl",
            ["ts", "-verify", "-data", "META-INF/ASiCManifest001.xml", "-in", "META-INF/timestamp001.tst", "-token_in", "-CAfile",
                stage.instance.data + "/keys/tsa-ca.crt"], folder: folder.url)
    }

    /// `rfc3161-client` from PyPI verifies tokens of ours, and answers for its own requests.
    @Test func anIndependentImplementationVerifiesOurs() throws {
        let folder = try TemporaryFolder()
        let start = Int64(Date.now.timeIntervalSince1970)
        let caKey = try PrivateKey.generateP256()
        let ca = try Certificate.selfSigned(
            caKey, commonName: "Authority", usage: .authority, notBefore: start - 60, notAfter: start + 86_400)
        let key = try PrivateKey.generateP256()
        let certificate = try ca.issue(
            to: key, commonName: "Timestamps", usage: .timestamping, notBefore: start - 60, notAfter: start + 86_400,
            signedWith: caKey)
        let authority = try TimestampAuthority(key: key, certificate: certificate)
        try folder.write("ca.pem", ca.pem)
        try Python.check(
            """
            from rfc3161_client import TimestampRequestBuilder
            request = TimestampRequestBuilder().data(b"the document").nonce(nonce=True).cert_request(cert_request=True).build()
            open("query", "wb").write(request.as_bytes())
            """, folder: folder.url)
        let query = Array(try Data(contentsOf: URL(filePath: folder.path("query"))))
        try folder.write("reply", Data(try authority.answer(query, at: start * 1000 + 7)))
        let judged = try Python.check(
            """
            from cryptography.x509 import load_pem_x509_certificate, ObjectIdentifier
            from rfc3161_client import VerifierBuilder, VerificationError, decode_timestamp_response
            reply = open("reply", "rb").read()
            response = decode_timestamp_response(reply)
            root = load_pem_x509_certificate(open("ca.pem", "rb").read())
            verifier = VerifierBuilder(roots=[root], policy_id=ObjectIdentifier("\(TimestampAuthority.embeddedPolicy)")).build()
            assert verifier.verify_message(response, b"the document")
            try:
                verifier.verify_message(response, b"another document")
                raise SystemExit("taken for another document")
            except VerificationError:
                pass
            print(int(response.tst_info.gen_time.timestamp()), response.tst_info.accuracy.seconds)
            """, folder: folder.url)
        #expect(judged.line == "\(start) 1")
    }
}
