import Canonical
import OpenSSL
import Procurement
import Testing

@testable import Reception

@Suite struct EmbeddedAuthorityTests {
    private static let document = SHA256.hash(Array("the document".utf8))

    @Test func aTokenTellsTheClocksInstant() throws {
        let house = try House()
        house.dial.turn(to: "11:30:00.120")
        let request = try TimestampRequest(imprint: Self.document)
        let answer = try house.vault.timestamp(request.der, for: house.bidder.principal)
        let (token, _) = try TimestampResponse.token(of: answer, to: request, trust: [house.vault.stamping.ca])
        #expect(Instant(milliseconds: token.genTime) == Dial.instant("11:30:00.120"))
    }

    @Test func noTokenOnAnUnsoundClock() throws {
        let house = try House(isJudged: true)
        let request = try TimestampRequest(imprint: Self.document)
        house.dial.set(to: "12:00:00.000")
        let refused = try house.vault.timestamp(request.der, for: house.bidder.principal)
        #expect(throws: TimestampError.notGranted(status: 2, text: "Time is not available.")) {
            try TimestampResponse(der: refused)
        }
        house.dial.set(to: "11:00:00.000")
        _ = try TimestampResponse(der: house.vault.timestamp(request.der, for: house.bidder.principal))
    }

    /// Five a minute in this house, for each account apart.
    @Test func anAccountGetsSoManyAMinute() throws {
        let house = try House()
        let request = try TimestampRequest(imprint: Self.document).der
        for _ in 0..<5 { _ = try house.vault.timestamp(request, for: house.bidder.principal) }
        let refusal = #expect(throws: Refusal.self) { try house.vault.timestamp(request, for: house.bidder.principal) }
        #expect(refusal?.kind == .busy && refusal?.possibleAt == Dial.instant("11:01:00.000"))
        _ = try house.vault.timestamp(request, for: house.otherBidder.principal)
        house.dial.turn(to: "11:01:00.000")
        _ = try house.vault.timestamp(request, for: house.bidder.principal)
    }
}
