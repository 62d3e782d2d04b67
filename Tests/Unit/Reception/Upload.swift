import Canonical
import Linux
import OpenSSL
import Procurement
import Testing

@testable import Reception

/// A deposit as the portal makes one, without a portal.
final class Upload {
    private let deposit: Deposit?
    private let replay: Replay?
    /// Its number.
    let attempt: Identifier
    private let outcome: Monitor<Result<Receipt, any Error>?>

    init(
        _ house: House, _ consultation: Identifier, by user: House.User, name: String = "offre.zip", length: Int64? = nil,
        bidCode: String? = nil, idempotencyKey: String? = nil
    ) throws {
        let outcome = Monitor<Result<Receipt, any Error>?>(nil)
        attempt = Identifier(random: try Random.sixteen())
        let request = DepositRequest(
            consultation: consultation, name: name, part: nil, mediaType: nil, length: length, bidCode: bidCode,
            idempotencyKey: idempotencyKey,
            attempt: Attempt(
                number: attempt, started: house.dial.clock.now, announced: length, limits: [.init(name: "documentBytes", value: 7)]))
        let reception = try house.vault.receive(request, by: user.principal, token: user.token, resume: {}) { result in
            outcome.change { $0 = result }
        }
        self.outcome = outcome
        switch reception {
        case .deposit(let deposit): (self.deposit, replay) = (deposit, nil)
        case .replay(let replay): (deposit, self.replay) = (nil, replay)
        }
    }

    var isReplay: Bool { replay != nil }

    func send(_ bytes: [UInt8]) {
        _ = deposit?.receive(bytes.span)
        _ = replay?.receive(bytes.span)
    }

    func finish() {
        deposit?.finish()
        replay?.finish()
    }

    func abandon(_ cause: String) { deposit?.abandon(cause) }

    /// Waits for the answer.
    func receipt() throws -> Receipt { try outcome.wait { $0 }.get() }

    /// The whole of it at once.
    static func whole(
        _ house: House, _ consultation: Identifier, by user: House.User, _ bytes: [UInt8], name: String = "offre.zip",
        bidCode: String? = nil, idempotencyKey: String? = nil
    ) throws -> Receipt {
        let upload = try Upload(
            house, consultation, by: user, name: name, length: Int64(bytes.count), bidCode: bidCode,
            idempotencyKey: idempotencyKey)
        upload.send(bytes)
        upload.finish()
        return try upload.receipt()
    }
}

/// The refusal that `body` ended with; nil where there was none.
func refusal<Value>(_ body: () throws -> Value) -> Refusal.Kind? {
    do {
        _ = try body()
        return nil
    } catch let error as Refusal {
        return error.kind
    } catch {
        Issue.record("not a refusal: \(error)")
        return nil
    }
}
