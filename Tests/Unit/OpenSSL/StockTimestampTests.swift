import Foundation
import Testing

@testable import OpenSSL

/// Both ways with the stock `openssl ts`, and what only a stock tool can be made to sign.
@Suite struct StockTimestampTests {
    let own = StampingAuthority.shared

    @Test func stockToolVerifiesOurs() throws {
        let stock = try Stock()
        try stock.write("document", Array("the document".utf8))
        try stock.write("ca.pem", own.caFile)
        try stock.write("other.pem", StampingAuthority.other.caFile)
        for digest in ["-sha256", "-sha384", "-sha512"] {
            #expect(try stock.openssl("ts", "-query", "-data", "document", digest, "-cert", "-out", "query") == 0)
            try stock.write("reply", own.authority().answer(stock.read("query"), at: StampingAuthority.instant))
            #expect(try stock.openssl("ts", "-verify", "-queryfile", "query", "-in", "reply", "-CAfile", "ca.pem") == 0)
            #expect(try stock.openssl("ts", "-verify", "-queryfile", "query", "-in", "reply", "-CAfile", "other.pem") != 0)
        }
        try stock.write("token", own.token(.document).der)
        #expect(
            try stock.openssl("ts", "-verify", "-data", "document", "-in", "token", "-token_in", "-CAfile", "ca.pem") == 0)
    }

    @Test(arguments: [true, false]) func weVerifyStock(isRSA: Bool) throws {
        let stock = try Stock()
        let rsa = try isRSA ? own.ca.issue(
            to: Holder.rsa.key, commonName: "RSA", usage: .timestamping, notBefore: 0, notAfter: 4_102_444_800,
            signedWith: own.caKey) : nil
        try stock.write("tsa.pem", Array((rsa ?? own.certificate).pem.utf8))
        try stock.write("tsa.key", isRSA ? Holder.rsa.key.pem().copied : own.key.pem().copied)
        try stock.write("ca.pem", own.caFile)
        try stock.write("serial", Array("01".utf8))
        try stock.write("cnf", Array(Self.configuration.utf8))
        let request = try TimestampRequest(imprint: .document)
        try stock.write("query", request.der)
        #expect(try stock.openssl("ts", "-reply", "-config", "cnf", "-queryfile", "query", "-out", "reply") == 0)
        let (token, _) = try TimestampResponse.token(of: stock.read("reply"), to: request, trust: [own.ca])
        #expect(token.policy.description == "1.2.3.4.1")
        #expect(token.accuracy == 1_500_100)
        // With the chain in it, the authority's own certificate is proved by the chain.
        #expect(token.certificates.count == 2)
        // The first form of the attribute (SHA-1) is not enough.
        try stock.write("cnf", Array(Self.configuration.replacing("= sha256\n#ess", with: "= sha1\n").utf8))
        #expect(try stock.openssl("ts", "-reply", "-config", "cnf", "-queryfile", "query", "-out", "reply") == 0)
        let old = try stock.read("reply")
        #expect(throws: TimestampError.signingCertificate) {
            try TimestampResponse.token(of: old, to: request, trust: [own.ca])
        }
    }

    /// Tokens signed by `openssl cms`, which asks less of its signer than `openssl ts`.
    @Test func badSignersAreNamed() throws {
        let stock = try Stock()
        // The stock command begins a certificate's validity now: the token's instant lies a day on.
        let good = try own.token(.document, at: Int64(Date.now.timeIntervalSince1970) * 1000 + 86_400_000)
        let fields = try SignedDataFields(good.der)
        try stock.write("content", Array(good.der[fields.content]))
        try stock.write("ca.pem", own.caFile)
        try stock.write("ca.key", own.caKey.pem().copied)
        try stock.write("tsa.key", own.key.pem().copied)

        func token(usage: String, attribute: [String] = ["-cades"], serial: String) throws -> TimestampToken {
            try stock.write("ext", Array("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n\(usage)\n".utf8))
            #expect(try stock.openssl("req", "-new", "-key", "tsa.key", "-subj", "/CN=Signer", "-out", "csr") == 0)
            #expect(
                try stock.openssl(
                    "x509", "-req", "-in", "csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "3650", "-set_serial", serial,
                    "-extfile", "ext", "-out", "signer.pem") == 0)
            #expect(
                try stock.openssl(
                    ["cms", "-sign", "-binary", "-nodetach", "-in", "content", "-econtent_type", "1.2.840.113549.1.9.16.1.4",
                        "-signer", "signer.pem", "-inkey", "tsa.key", "-md", "sha256", "-outform", "DER", "-out", "token"]
                        + attribute) == 0)
            return try TimestampToken(der: stock.read("token"))
        }

        try token(usage: "extendedKeyUsage=critical,timeStamping", serial: "1").verify(imprint: .document, trust: [own.ca])
        for (serial, usage) in [
            ("2", ""), ("3", "extendedKeyUsage=timeStamping"), ("4", "extendedKeyUsage=critical,timeStamping,codeSigning"),
            ("5", "extendedKeyUsage=critical,timeStamping,1.2.3.4"), ("6", "extendedKeyUsage=critical,codeSigning"),
        ] {
            let bad = try token(usage: usage, serial: serial)
            #expect(throws: TimestampError.usage("Signer"), "\(usage)") {
                try bad.verify(imprint: .document, trust: [own.ca])
            }
        }
        #expect(throws: TimestampError.signingCertificate) {
            _ = try token(usage: "extendedKeyUsage=critical,timeStamping", attribute: [], serial: "7")
        }
        // Another certificate of the same key in the signer's place: the attribute names the first one.
        _ = try token(usage: "extendedKeyUsage=critical,timeStamping", serial: "8")
        let first = try Certificate(pem: stock.read("signer.pem"))
        let signed = try stock.read("token")
        _ = try token(usage: "extendedKeyUsage=critical,timeStamping\nsubjectAltName=DNS:a", serial: "8")
        let second = try Certificate(pem: stock.read("signer.pem"))
        var swapped = DERTree(signed)
        #expect(swapped.message.children[3].children[0].encoded == first.der)
        swapped.message.children[3].children[0] = DERTree(second.der)
        #expect(throws: TimestampError.signingCertificate) {
            try TimestampToken(der: swapped.encoded).verify(imprint: .document, trust: [own.ca])
        }
    }

    private static let configuration = """
        [tsa]
        default_tsa = one
        [one]
        serial = serial
        signer_cert = tsa.pem
        signer_key = tsa.key
        certs = ca.pem
        signer_digest = sha256
        default_policy = 1.2.3.4.1
        digests = sha256
        accuracy = secs:1, millisecs:500, microsecs:100
        clock_precision_digits = 6
        ess_cert_id_alg = sha256
        #ess

        """
}
