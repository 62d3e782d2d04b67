internal import Linux

/// How many connections there are, on all loops, and from which address.
///
/// The addresses of an IPv6 /64 count as one: whoever has one of them has them all.
final class Census: Sendable {
    enum Verdict {
        case admitted, full, tooManyFromAddress
    }

    private struct Counts {
        var limits: ConnectionLimits
        var total = 0
        var byAddress: [String: Int] = [:]
    }

    private let counts: Monitor<Counts>

    init(_ limits: ConnectionLimits) {
        counts = Monitor(Counts(limits: limits))
    }

    func change(_ limits: ConnectionLimits) {
        counts.change { $0.limits = limits }
    }

    var isFull: Bool {
        counts.change { $0.total >= $0.limits.connections }
    }

    func enter(_ address: String) -> Verdict {
        let place = Self.place(of: address)
        return counts.change { counts in
            guard counts.total < counts.limits.connections else { return .full }
            let here = counts.byAddress[place, default: 0]
            guard here < counts.limits.connectionsPerAddress || counts.limits.trustedAddresses.contains(address) else {
                return .tooManyFromAddress
            }
            counts.total += 1
            counts.byAddress[place] = here + 1
            return .admitted
        }
    }

    func leave(_ address: String) {
        let place = Self.place(of: address)
        counts.change { counts in
            counts.total -= 1
            let here = counts.byAddress[place, default: 1] - 1
            counts.byAddress[place] = here == 0 ? nil : here
        }
    }

    private static func place(of address: String) -> String {
        guard let bytes = SocketAddress.parse(address), bytes.count == 16 else { return address }
        return SocketAddress(bytes: Array(bytes[..<8]) + [UInt8](repeating: 0, count: 8), port: 0).host
    }
}
