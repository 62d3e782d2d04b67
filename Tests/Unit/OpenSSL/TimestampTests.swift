import Testing

@testable import OpenSSL

@Suite struct TimestampTests {
    let own = StampingAuthority.shared

    @Test func aTokenSaysWhatWasStamped() throws {
        let request = try TimestampRequest(imprint: .document)
        let answer = try own.authority().answer(request.der, at: StampingAuthority.instant)
        let (token, verified) = try TimestampResponse.token(of: answer, to: request, trust: [own.ca])
        #expect(token.isSHA256)
        #expect(token.imprint == InlineArray<32, UInt8>.document.indices.map { InlineArray<32, UInt8>.document[$0] })
        #expect(token.genTime == 1_795_453_208_918)
        #expect(token.nonce == request.nonce)
        #expect(token.policy.description == TimestampAuthority.embeddedPolicy)
        #expect(token.accuracy == 1_000_000)
        #expect(token.serial.count == 16)
        #expect(token.certificates == [own.certificate])
        #expect(verified.signer == own.certificate)
        #expect(verified.chain == [own.certificate, own.ca])
        #expect(verified.unproved == 0)
    }

    @Test(arguments: [0, 1, 10, 100, 120, 900, 999]) func millisecondsAreKept(rest: Int64) throws {
        let instant = StampingAuthority.instant / 1000 * 1000 + rest
        #expect(try own.token(.document, at: instant).genTime == instant)
    }

    @Test func noSerialComesTwice() throws {
        var seen: Set<[UInt8]> = []
        for _ in 0..<200 { #expect(seen.insert(try own.token(.document).serial).inserted) }
    }

    /// RFC 3161, 2.4.2: what is refused, and the status of the refusal.
    @Test func requestsAreRefusedAsTheStandardSays() throws {
        let authority = try own.authority()
        let request = try TimestampRequest(imprint: .document)
        func refused(_ request: [UInt8], _ text: String, at instant: Int64? = StampingAuthority.instant) throws {
            let answer = try authority.answer(request, at: instant)
            #expect(throws: TimestampError.notGranted(status: 2, text: text)) { try TimestampResponse(der: answer) }
        }
        try refused(request.der, "Time is not available.", at: nil)
        let badFormat = "Bad request format or system error."
        try refused([], badFormat)
        try refused(request.der + [0], badFormat)
        try refused(Array(request.der.dropLast()), badFormat)
        try refused(Array("GET / HTTP/1.1".utf8), badFormat)
        try refused([UInt8](repeating: 0x30, count: 100_000), badFormat)
        let policy = try #require(ObjectIdentifier("1.2.3.4"))
        try refused(try TimestampRequest(imprint: .document, policy: policy).der, "Requested policy is not supported.")
        // SHA-256's identifier, one digit on: SHA-224, which is not taken.
        var other = request.der
        let digest = try #require(other.firstRange(of: TimestampOID.sha2 + [1]))
        other[digest.upperBound - 1] = 4
        try refused(other, "Message digest algorithm is not supported.")
        let ours = try #require(ObjectIdentifier(TimestampAuthority.embeddedPolicy))
        let asked = try TimestampRequest(imprint: .document, policy: ours)
        _ = try TimestampResponse.token(
            of: authority.answer(asked.der, at: StampingAuthority.instant), to: asked, trust: [own.ca])
    }

    @Test func anAnswerToAnotherRequestIsNamed() throws {
        let authority = try own.authority()
        let request = try TimestampRequest(imprint: .document)
        let answer = try authority.answer(request.der, at: StampingAuthority.instant)
        let sameDigest = try TimestampRequest(imprint: .document)
        #expect(throws: TimestampError.nonce) { try TimestampResponse.token(of: answer, to: sameDigest, trust: [own.ca]) }
        let otherDigest = try TimestampRequest(
            imprint: SHA256.hash(Array("another".utf8)), nonce: request.nonce, policy: nil)
        #expect(throws: TimestampError.imprint) { try TimestampResponse.token(of: answer, to: otherDigest, trust: [own.ca]) }
        let wanted = [try #require(ObjectIdentifier("1.2.3.4"))]
        #expect(throws: TimestampError.policy(TimestampAuthority.embeddedPolicy)) {
            try TimestampResponse.token(of: answer, to: request, trust: [own.ca], policies: wanted)
        }
        #expect(throws: TimestampError.untrusted("Test authority")) {
            try TimestampResponse.token(of: answer, to: request, trust: [StampingAuthority.other.ca])
        }
        #expect(throws: TimestampError.untrusted("Test authority")) {
            try TimestampResponse.token(of: answer, to: request, trust: [])
        }
    }

    @Test func certificatesAreJudgedAtTheTokensInstant() throws {
        let short = try StampingAuthority(
            name: "Short", notBefore: StampingAuthority.start, notAfter: StampingAuthority.start + 100)
        // OpenSSL counts the last second itself as over.
        let during = try short.token(.document, at: (StampingAuthority.start + 99) * 1000 + 999)
        try during.verify(imprint: .document, trust: [short.ca])
        let after = try short.token(.document, at: (StampingAuthority.start + 101) * 1000)
        #expect(throws: TimestampError.expired("Timestamps of Short")) {
            try after.verify(imprint: .document, trust: [short.ca])
        }
        let before = try short.token(.document, at: (StampingAuthority.start - 1) * 1000)
        #expect(throws: TimestampError.notYetValid("Timestamps of Short")) {
            try before.verify(imprint: .document, trust: [short.ca])
        }
    }

    @Test func onlyACertificateForTimestampsStamps() throws {
        let server = try StampingAuthority(name: "Server", usage: .server)
        #expect(throws: OpenSSLError.self) { _ = try server.authority() }
        #expect(throws: OpenSSLError.self) {
            _ = try TimestampAuthority(key: PrivateKey.generateP256(), certificate: own.certificate)
        }
        #expect(own.certificate.allows(.timestamping) && own.ca.allows(.authority))
        #expect(!own.ca.allows(.timestamping) && !own.certificate.allows(.authority))
        #expect(throws: OpenSSLError.self) {
            _ = try own.ca.issue(
                to: own.key, commonName: "x", usage: .timestamping, notBefore: 0, notAfter: 1,
                signedWith: StampingAuthority.other.caKey)
        }
    }

    /// No byte of a token of ours can be another: each is read strictly, signed, or compared.
    @Test(arguments: [UInt8(0x01), 0x80, 0xff]) func noByteCanBeChanged(flip: UInt8) throws {
        let token = try own.token(.document)
        for index in token.der.indices {
            var der = token.der
            der[index] ^= flip
            let holds = (try? TimestampToken(der: der).verify(imprint: .document, trust: [own.ca])) != nil
            #expect(!holds, "byte \(index)")
        }
    }

    @Test func whatIsNoTokenIsRefused() throws {
        let request = try TimestampRequest(imprint: .document)
        let answer = try own.authority().answer(request.der, at: StampingAuthority.instant)
        for count in answer.indices {
            #expect(throws: TimestampError.self) { try TimestampResponse(der: Array(answer.prefix(count))) }
        }
        #expect(throws: TimestampError.self) { try TimestampResponse(der: answer + [0]) }
        let token = try TimestampResponse(der: answer).token.der
        #expect(throws: TimestampError.self) { try TimestampToken(der: token + [0]) }
        #expect(throws: TimestampError.self) { try TimestampToken(der: [UInt8](repeating: 0, count: 70_000)) }
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            var der = token
            let index = Int.random(in: 0..<der.count, using: &random)
            der.replaceSubrange(
                index..<min(index + 5, der.count), with: (0..<Int.random(in: 0...9)).map { _ in UInt8.random(in: 0...255) })
            _ = try? TimestampToken(der: der).verify(imprint: .document, trust: [own.ca])
        }
    }

    @Test func instantsAreThoseOfTheStandard() throws {
        func read(_ text: String) throws -> Int64 { try TSTInfoFields.milliseconds(Array(text.utf8)) }
        #expect(try read("19700101000000Z") == 0)
        #expect(try read("20240229235959.5Z") == 1_709_251_199_500)
        #expect(try read("20261123170008.918273Z") == 1_795_453_208_918)
        for wrong in [
            "20261123170008.910Z", "20261123170008.Z", "20261123170008", "202611231700Z", "20261123170008+0100",
            "20250229000000Z", "20261323170008Z", "20261123240000Z", "20261123170060Z", "20261123170008,5Z", "",
        ] {
            #expect(throws: DERReader.Failure.self, "\(wrong)") { try read(wrong) }
        }
    }
}
