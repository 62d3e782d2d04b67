@testable import Server
import Testing

@Suite struct CensusTests {
    private func census(perAddress: Int, trusted: Set<String> = []) -> Census {
        Census(
            ConnectionLimits(
                connections: 100, connectionsPerAddress: perAddress, trustedAddresses: trusted, reservedDescriptors: 0,
                headBytes: 1024, headFields: 8, handshakeSeconds: 1, headSeconds: 1, keepAliveSeconds: 1,
                idleBodySeconds: 1, slowestBodyRate: 0, slowestSeconds: 1, writeSeconds: 1, lingerSeconds: 1,
                lingerBytes: 0, readingThreads: 1))
    }

    /// One subscriber has 2^64 of them.
    @Test func theAddressesOfAnIPv6NetworkCountAsOne() {
        let census = census(perAddress: 2)
        #expect(census.enter("2001:db8:0:1::1") == .admitted)
        #expect(census.enter("2001:db8:0:1:ffff::2") == .admitted)
        #expect(census.enter("2001:db8:0:1::3") == .tooManyFromAddress)
        #expect(census.enter("2001:db8:0:2::1") == .admitted)
        census.leave("2001:db8:0:1::1")
        #expect(census.enter("2001:db8:0:1::3") == .admitted)
    }

    @Test func thoseOfIPv4CountApart() {
        let census = census(perAddress: 1, trusted: ["192.0.2.9"])
        #expect(census.enter("192.0.2.1") == .admitted)
        #expect(census.enter("192.0.2.2") == .admitted)
        #expect(census.enter("192.0.2.1") == .tooManyFromAddress)
        for _ in 0..<3 { #expect(census.enter("192.0.2.9") == .admitted) }
    }
}
