internal import Linux

/// How many connections there are, on all loops, and from which address.
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
        counts.change { counts in
            guard counts.total < counts.limits.connections else { return .full }
            let here = counts.byAddress[address, default: 0]
            guard here < counts.limits.connectionsPerAddress || counts.limits.trustedAddresses.contains(address) else {
                return .tooManyFromAddress
            }
            counts.total += 1
            counts.byAddress[address] = here + 1
            return .admitted
        }
    }

    func leave(_ address: String) {
        counts.change { counts in
            counts.total -= 1
            let here = counts.byAddress[address, default: 1] - 1
            counts.byAddress[address] = here == 0 ? nil : here
        }
    }
}
