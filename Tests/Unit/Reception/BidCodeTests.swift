import Canonical
import OpenSSL
import Procurement
import Testing

@testable import Reception

@Suite("Bid codes")
struct BidCodeTests {
    @Test func onlyTheDigestIsKept() throws {
        let text = "000102030405060708090a0b0c0d0e0f"
        let code = try BidCode(text)
        #expect(code.made == nil)
        // printf 'sceau/bid-code/1 000102030405060708090a0b0c0d0e0f' | sha256sum
        #expect(code.digest.hex == "fe110e36b5ba47f1619f4510fcd39840520f1c3c0c65d2bcae415f228ae1a72c")
    }

    @Test func oneMadeHereIsReturnedAndFitsItsDigest() throws {
        let first = try BidCode()
        let second = try BidCode()
        let made = try #require(first.made)
        #expect(try BidCode(made).digest == first.digest)
        #expect(first.digest != second.digest && second.made != made)
    }

    @Test func anotherFormIsRefused() {
        for text in [
            "", "000102030405060708090a0b0c0d0e0", "000102030405060708090a0b0c0d0e0f0", "000102030405060708090A0B0C0D0E0F",
            " 00102030405060708090a0b0c0d0e0f", "0x0102030405060708090a0b0c0d0e0f",
        ] {
            #expect(throws: Refusal.self) { try BidCode(text) }
        }
    }
}
