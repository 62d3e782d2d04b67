import Canonical
import HTTP
import Procurement
import Reception

extension FrontDesk {
    /// Measures how fast a bidder's bytes come, before it sends those that count.
    func probe(_ call: Call) throws {
        guard let principal = call.principal else { throw Refusal(.unauthenticated) }
        guard call.request.contentLength ?? 0 <= Vault.longestProbe else {
            throw Refusal(.tooLarge, "A probe has at most \(Vault.longestProbe) bytes.")
        }
        call.exchange.receive(
            ProbeBody { [self] bytes, milliseconds in
                let isTaken = vault.perform { [self] in
                    do {
                        call.exchange.respond(.json(try probed(call, bytes, milliseconds, by: principal)))
                    } catch {
                        refuse(call, error)
                    }
                }
                if !isTaken { refuse(call, Refusal(.busy)) }
            } abandoned: { [self] cause in
                abandon(call, cause)
            }, limit: Vault.longestProbe)
    }

    private func probed(_ call: Call, _ bytes: Int64, _ milliseconds: Int64, by principal: Principal) throws -> JSON {
        var fields: [String: JSON] = ["bytes": .integer(bytes), "milliseconds": .integer(milliseconds)]
        fields["rate"] = vault.noteProbe(bytes, milliseconds: milliseconds, by: principal).map(JSON.integer)
        if let text = call.request.query("consultation"), let id = try? Identifier(text), let asked = call.request.query("bytes"),
            let length = Int64(asked), (0...vault.limits.deposits.bid).contains(length),
            let estimate = try vault.estimate(length, in: id, for: principal)
        {
            fields["ends"] = .instant(estimate.ends)
            fields["deadline"] = .instant(estimate.deadline)
            fields["tooLate"] = .bool(estimate.isTooLate)
        }
        return .object(fields)
    }
}

/// Counts bytes, and how long they took from the first to the last.
private final class ProbeBody: BodyReceiver {
    private var bytes: Int64 = 0
    private let started = Vault.monotonicMilliseconds
    private let finished: (Int64, Int64) -> Void
    private let abandoned: (BodyEnd) -> Void

    init(finished: @escaping (Int64, Int64) -> Void, abandoned: @escaping (BodyEnd) -> Void) {
        self.finished = finished
        self.abandoned = abandoned
    }

    func receive(_ bytes: Span<UInt8>) -> Flow {
        self.bytes += Int64(bytes.count)
        return .proceed
    }

    func finish() { finished(bytes, Vault.monotonicMilliseconds - started) }

    func abandon(_ cause: BodyEnd) { abandoned(cause) }
}
