import Canonical
import Evidence
import OpenSSL
import Sealing
import Testing

@Suite struct StampCheckTests {
    /// An authority and the certificate that says so.
    private struct Notary {
        let authority: TimestampAuthority
        let ca: Certificate

        init(_ name: String, ends: Int64 = 4_000_000_000) throws {
            let caKey = try PrivateKey.generateP256()
            ca = try Certificate.selfSigned(
                caKey, commonName: name, usage: .authority, notBefore: 0, notAfter: 4_102_444_800)
            let key = try PrivateKey.generateP256()
            let certificate = try ca.issue(
                to: key, commonName: "Key of \(name)", usage: .timestamping, notBefore: 0, notAfter: ends, signedWith: caKey)
            authority = try TimestampAuthority(key: key, certificate: certificate)
        }

        func token(_ digest: Digest) throws -> [UInt8] {
            let request = try TimestampRequest(imprint: digest.inline)
            return try TimestampResponse(der: authority.answer(request.der, at: 1_795_453_208_918)).token.der
        }
    }

    private let digest = Digest(of: Array("the manifest".utf8))
    private let instant = "2026-11-23T17:00:08.918Z"

    private func check(
        _ token: [UInt8]?, over other: Digest? = nil, trusted: [Certificate] = [], own: [Certificate] = []
    ) -> (check: Check?, instant: Instant?, isGood: Bool) {
        var report = Report()
        let instant = report.checkStamp(
            token, over: other ?? digest, of: "bid 1", by: StampAuthorities(trusted: trusted, own: own))
        #expect(report.checks.count == 1)
        return (report.checks.first, instant, report.isGood)
    }

    @Test func aTrustedAuthorityProvesTheTime() throws {
        let notary = try Notary("Notary")
        let found = check(try notary.token(digest), trusted: [notary.ca])
        #expect(found.check?.outcome == .holds && found.isGood)
        #expect(found.check?.text == "it existed at \(instant), says «Notary»")
        #expect(found.instant?.description == instant)
    }

    @Test func thePlatformsOwnIsTheOperatorsWord() throws {
        let own = try Notary("Own")
        let notary = try Notary("Notary")
        for trusted in [[], [notary.ca]] {
            let found = check(try own.token(digest), trusted: trusted, own: [own.ca])
            #expect(found.check?.outcome == .operatorsWord)
            #expect(found.check?.text.hasSuffix("time on the operator's word") == true)
            #expect(found.instant?.description == instant)
        }
        let provisional = check(nil, trusted: [notary.ca], own: [own.ca])
        #expect(provisional.check?.outcome == .operatorsWord && provisional.instant == nil)
    }

    @Test func anUntrustedAuthorityIsNamed() throws {
        let own = try Notary("Own")
        let stranger = try Notary("Stranger")
        for (trusted, mine) in [([own.ca], []), ([], [own.ca]), ([own.ca], [own.ca])] as [([Certificate], [Certificate])] {
            let found = check(try stranger.token(digest), trusted: trusted, own: mine)
            #expect(found.check?.outcome == .fails && found.instant == nil)
            #expect(found.check?.text.contains("«Stranger». --trust FILE") == true)
        }
    }

    /// With nothing to judge by, what can be judged is.
    @Test func withoutAuthoritiesTheRestIsJudged() throws {
        let stranger = try Notary("Stranger")
        let token = try stranger.token(digest)
        let found = check(token)
        #expect(found.check?.outcome == .operatorsWord)
        #expect(found.check?.text.contains("by «Stranger», which nothing given here says to trust") == true)
        for index in token.indices {
            var other = token
            other[index] ^= 1
            #expect(check(other).check?.outcome == .fails, "byte \(index)")
        }
    }

    @Test func whatFailsIsNamed() throws {
        let notary = try Notary("Notary")
        let ended = try Notary("Ended", ends: 1_000_000_000)
        let other = Digest(of: Array("another manifest".utf8))
        for trust in [[notary.ca, ended.ca], []] {
            let wrong = check(try notary.token(digest), over: other, trusted: trust)
            #expect(wrong.check?.outcome == .fails && wrong.check?.text.contains("wrong imprint") == true)
            let late = check(try ended.token(digest), trusted: trust)
            #expect(late.check?.outcome == .fails && late.check?.text.contains("«Key of Ended» had expired") == true)
            let garbage = check(Array("garbage".utf8), trusted: trust)
            #expect(garbage.check?.outcome == .fails && garbage.check?.text.contains("not a timestamp") == true)
        }
    }
}
