import Canonical
import Evidence
import OpenSSL
import Sealing
import Testing

@Suite struct StampCheckTests {
    private let digest = Digest(of: Array("the manifest".utf8))
    private let instant = "2026-11-23T17:00:08.918Z"

    private func check(
        _ token: [UInt8]?, over other: Digest? = nil, trusted: [Certificate] = [], instance: Identifier? = identifier(0x1a)
    ) -> (check: Check?, stamp: Stamp?, isGood: Bool) {
        var report = Report()
        let stamp = report.checkStamp(
            token, over: other ?? digest, of: "bid 1", by: StampAuthorities(trusted: trusted, instance: instance))
        #expect(report.checks.count == 1)
        return (report.checks.first, stamp, report.isGood)
    }

    /// A vault's own authority, used by another one.
    private let neighbour = StampAuthorities.ownName("Voisine", instance: identifier(0x77))

    @Test func anOutsideAuthorityProvesTheTime() throws {
        let notary = try Notary(neighbour)
        let found = check(try notary.token(digest), trusted: [notary.ca])
        #expect(found.check?.outcome == .holds && found.isGood)
        #expect(found.check?.text == "it existed at \(instant), says «\(neighbour)»")
        #expect(found.stamp?.instant.description == instant && found.stamp?.isOutside == true)
        #expect(found.stamp?.latest.milliseconds == (found.stamp?.instant.milliseconds ?? 0) + 1000)
    }

    @Test func aProvisionalOneRestsOnTheOperator() throws {
        let found = check(nil, trusted: [try Notary(neighbour).ca])
        #expect(found.check?.outcome == .operatorsWord && found.stamp == nil)
    }

    /// By its name; or, where its certificate bears none, by the policy of such authorities.
    @Test(arguments: [StampAuthorities.ownName("Agglomération", instance: identifier(0x1a)), "Own"])
    func thePlatformsOwnIsTheOperatorsWord(name: String) throws {
        let own = try Notary(name)
        for trusted in [[], [own.ca]] {
            let found = check(try own.token(digest), trusted: trusted)
            #expect(found.check?.outcome == .operatorsWord)
            #expect(found.check?.text == "stamped \(instant) by the platform's own authority «\(name)»")
            #expect(found.stamp?.isOutside == false)
        }
        // It does not get past a reader who trusts others.
        let strict = check(try own.token(digest), trusted: [try Notary(neighbour).ca])
        #expect(strict.check?.outcome == .fails && strict.stamp == nil)
    }

    @Test func theNameOfAnOwnAuthorityFitsItsCertificate() throws {
        let long = StampAuthorities.ownName(String(repeating: "é", count: 200), instance: identifier(0x1a))
        #expect(long.unicodeScalars.count == 64 && long.hasSuffix(", sceau/\(identifier(0x1a))"))
    }

    @Test func anUntrustedAuthorityIsNamed() throws {
        let stranger = try Notary("Stranger")
        let found = check(try stranger.token(digest), trusted: [try Notary("Other").ca])
        #expect(found.check?.outcome == .fails && found.stamp == nil)
        #expect(found.check?.text.contains("«Stranger» is not among those trusted; --trust FILE") == true)
    }

    /// A certificate beside the chain could be another, and no signature would tell.
    @Test func whatNoSignatureCoversFails() throws {
        let notary = try Notary(neighbour)
        let token = try notary.token(digest)
        #expect(check(token, trusted: [notary.ca]).check?.outcome == .holds)
        let padded = try #require(notary.token(token, beside: Notary("Stranger").ca))
        for trusted in [[notary.ca], []] {
            let found = check(padded, trusted: trusted).check
            #expect(found?.outcome == .fails && found?.text == "it bears parts that no signature covers")
        }
    }

    /// With nothing to judge by, what can be judged is.
    @Test func withoutAuthoritiesTheRestIsJudged() throws {
        let stranger = try Notary(neighbour)
        let token = try stranger.token(digest)
        let found = check(token)
        #expect(found.check?.outcome == .operatorsWord && found.stamp?.isOutside == false)
        #expect(found.check?.text.contains("which nobody vouches for: name the authorities you trust with --trust FILE") == true)
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
