import Canonical
import HTTP
import Procurement
import Reception

/// What is judged by the instant at which its last byte was read: *received* is fixed on the loop, before anything else.
extension FrontDesk {
    /// Bytes of such a request.
    private static let longest: Int64 = 1 << 20
    /// Of an envelope that its bidder sealed. A bid of 50 GiB in 10,000 documents takes some 12 MiB.
    private static let longestEnvelope: Int64 = 64 << 20

    func submit(_ call: Call, _ bid: Identifier) throws {
        guard let principal = call.principal, let token = call.token else { throw Refusal(.unauthenticated) }
        let consultation = try vault.consultation(ofDraft: bid, for: principal)
        let code = bidCode(call)
        let isEnvelope = call.request.fields["Content-Type"]?.lowercased() == "application/zip"
        let stated = try intent(call.request.query("intent"))
        try receive(call, of: consultation, limit: isEnvelope ? Self.longestEnvelope : Self.longest) { [self] bytes, ticket in
            do {
                let asked: (intent: Intent, body: Vault.Submitted)
                if isEnvelope {
                    asked = (stated, .sealed(bytes))
                } else {
                    let body = bytes.isEmpty ? NewSubmission() : try NewSubmission.reading(bytes)
                    asked = (try body.intent.map { text throws(Refusal) in try intent(text) } ?? stated, .plain(try body.candidate?.checked()))
                }
                vault.submit(
                    bid, by: principal, token: token, bidCode: code, intent: asked.intent, asked.body, ticket: ticket
                ) { [self] result in
                    switch result {
                    case .success(let receipt): acknowledge(call, receipt, by: principal, token: token)
                    case .failure(let error): refuse(call, error)
                    }
                }
            } catch {
                vault.leave(ticket)
                refuse(call, error)
            }
        }
    }

    func withdraw(_ call: Call, _ bid: Identifier) throws {
        guard let principal = call.principal else { throw Refusal(.unauthenticated) }
        let consultation = try vault.consultation(ofBid: bid, for: principal, may: .withdraw)
        let code = bidCode(call)
        try receive(call, of: consultation) { [self] _, ticket in
            do {
                let act = try vault.withdraw(bid, by: principal, bidCode: code, ticket: ticket)
                call.exchange.respond(.json(act.json, status: 201))
            } catch {
                refuse(call, error)
            }
        }
    }

    func state(_ call: Call, _ bid: Identifier) throws {
        guard let principal = call.principal else { throw Refusal(.unauthenticated) }
        let consultation = try vault.consultation(ofBid: bid, for: principal, may: .stateIntent)
        let code = bidCode(call)
        try receive(call, of: consultation) { [self] bytes, ticket in
            do {
                let asked: Intent
                do { asked = try intent(NewIntent.reading(bytes).intent) } catch {
                    vault.leave(ticket)
                    throw error
                }
                let act = try vault.state(asked, of: bid, by: principal, bidCode: code, ticket: ticket)
                call.exchange.respond(.json(act.json, status: 201))
            } catch {
                refuse(call, error)
            }
        }
    }

    /// - Parameter done: on a thread for drafts; the ticket is its own to leave.
    private func receive(
        _ call: Call, of consultation: Identifier, limit: Int64 = longest,
        done: @escaping @Sendable ([UInt8], Vault.SubmissionTicket) -> Void
    ) throws {
        guard call.request.contentLength ?? 0 <= limit else { throw Refusal(.tooLarge, "At most \(limit) bytes.") }
        // Small ones are never refused for want of memory: a submission may be the last of its day.
        var place: BodyRoom.Place?
        if limit > Self.longest {
            place = room.take(call.request.contentLength ?? limit, for: call.principal?.account)
            guard place != nil else { throw Refusal(.busy) }
        }
        let held = place
        let body = WholeBody { [self] bytes in
            let ticket = vault.enterSubmission(of: consultation)
            if !vault.performDraft({ withExtendedLifetime(held) { done(bytes, ticket) } }) {
                vault.leave(ticket)
                refuse(call, Refusal(.busy))
            }
        } abandoned: { [self] cause in
            abandon(call, cause)
        }
        call.exchange.receive(body, limit: limit)
    }

    // MARK: Copies of safeguard

    func registerCopy(_ id: Identifier, _ body: [UInt8], by principal: Principal) throws -> Response {
        let asked = try NewCopy.reading(body)
        return .json(
            try vault.registerCopy(
                of: id, depositor: asked.depositor, medium: asked.medium, bearer: asked.bearer,
                arrived: try Instant(asked: asked.arrived, field: "arrived"), by: principal
            ).json, status: 201)
    }

    func decideCopy(_ id: Identifier, _ copy: Identifier, _ body: [UInt8], by principal: Principal) throws -> Response {
        let asked = try NewCopyDecision.reading(body)
        guard let decision = CopyDecided.Decision(rawValue: asked.decision) else {
            throw Refusal(.invalid, "decision: opened, set-aside, returned or destroyed.")
        }
        let cause = try asked.cause.map { text throws(Refusal) in
            guard let cause = CopyDecided.Cause(rawValue: text) else {
                throw Refusal(.invalid, "cause: infected, incomplete, late or unreadable.")
            }
            return cause
        }
        let bid = try asked.bid.map { text throws(Refusal) in
            guard let bid = try? Identifier(text) else { throw Refusal(.invalid, "bid: not an identifier.") }
            return bid
        }
        return .json(
            try vault.decideCopy(copy, of: id, decision, cause: cause, bid: bid, grounds: asked.grounds, by: principal).json)
    }
}

extension Vault.RecordedAct {
    var json: JSON {
        .object([
            "event": .base64(event), "log": .string(log.rawValue), "position": .integer(position), "proof": .base64(proof),
        ])
    }
}

extension CopyEntry {
    var json: JSON {
        var fields: [String: JSON] = [
            "copy": .identifier(registered.copy), "consultation": .identifier(registered.consultation),
            "depositor": .string(registered.depositor), "medium": .string(registered.medium),
            "bearer": .string(registered.bearer), "arrived": .instant(registered.arrived),
        ]
        fields["decision"] = (decision?.rawValue).map(JSON.string)
        return .object(fields)
    }
}
