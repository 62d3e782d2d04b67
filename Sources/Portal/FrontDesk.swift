import Canonical
public import HTTP
import OpenSSL
import Procurement
public import Reception

/// The daemon's face: routes, tokens, JSON, problem documents.
///
/// On a loop thread nothing is looked up: a head is routed by its text alone and handed to the vault's pool, which asks
/// for the token, the role and the thing, in this order, and only then lets a body in.
public final class FrontDesk: Application {
    let vault: Vault
    /// What `GET /api/v1/limits` answers beside the limits of deposits: the connection's.
    let publicLimits: PublicLimits
    let room = BodyRoom()
    /// Who knows the files of the host's keys; nil where nothing of them changes.
    let keys: (any HostKeyKeeping)?

    public init(vault: Vault, publicLimits: PublicLimits, keys: (any HostKeyKeeping)? = nil) {
        self.keys = keys
        self.vault = vault
        self.publicLimits = publicLimits
    }

    public func handle(_ request: Request, from peer: Peer, _ exchange: any Exchange) {
        let call = Call(request: request, peer: peer, exchange: exchange, started: vault.clock.now)
        let work: @Sendable () -> Void = { [self] in
            do {
                try begin(call)
            } catch {
                refuse(call, error)
            }
        }
        let route = try? Route(request)
        if route?.isReceived == true {
            call.attempt = Attempt(
                number: Identifier(random: Self.sixteen()), started: call.started, announced: request.contentLength,
                limits: publicLimits.limits)
        }
        let isTaken =
            switch route {
            // Their heads are looked up, no more; a submission waits for its draft once its last byte was read.
            case .deposit, .submit, .withdraw, .stateIntent: vault.performHead(work)
            case let route? where route.isOfDraft: vault.performDraft(work)
            default: vault.perform(work)
            }
        if !isTaken {
            let problem = Problem(Refusal(.busy), reference: call.reference, attempt: call.attempt?.number)
            exchange.respond(problem.response(in: call.language))
        }
    }

    private static func sixteen() -> InlineArray<16, UInt8> {
        var random = SystemRandomNumberGenerator()
        return InlineArray<16, UInt8> { _ in UInt8.random(in: 0...255, using: &random) }
    }

    public func refused(_ reason: StaticString, from peer: Peer) {
        vault.count(refusal: "\(reason)", from: peer.prefix)
    }

    // MARK: On the pool

    private func begin(_ call: Call) throws {
        let route = try Route(call.request)
        call.route = route
        if route.isHosts {
            guard call.peer.isHost else { throw Refusal(.notFound) }
        } else {
            call.principal = try authenticate(call, isRequired: !route.isPublic)
            if let principal = call.principal { try vault.admit(principal) }
            if let action = route.action, let principal = call.principal {
                try Permission.check(principal, may: action)
            }
        }
        if route.isReceived {
            try receive(call, route)
        } else if let limit = route.bodyLimit {
            try receiveBody(call, limit: limit)
        } else {
            call.exchange.respond(try answer(call, route, body: []))
        }
    }

    /// What bears documents, or makes a bid of them.
    private func receive(_ call: Call, _ route: Route) throws {
        switch route {
        case .deposit(let id, let name): try receive(call, id, name)
        case .createDocument(let bid): try createDocument(call, bid)
        case .upload(let name): try upload(call, name)
        case .submit(let bid): try submit(call, bid)
        case .probe: try probe(call)
        case .withdraw(let bid): try withdraw(call, bid)
        case .stateIntent(let bid): try state(call, bid)
        default: throw Refusal(.notFound)
        }
    }

    private func receiveBody(_ call: Call, limit: Int64) throws {
        guard call.request.contentLength ?? 0 <= limit else { throw Refusal(.tooLarge, "At most \(limit) bytes.") }
        guard let place = room.take(call.request.contentLength ?? limit, for: call.principal?.account) else {
            throw Refusal(.busy)
        }
        let body = WholeBody { [self] bytes in
            let isTaken = vault.perform { [self] in
                defer { withExtendedLifetime(place) {} }
                do {
                    guard let route = call.route else { throw Refusal(.notFound) }
                    call.exchange.respond(try answer(call, route, body: bytes))
                } catch {
                    refuse(call, error)
                }
            }
            if !isTaken { refuse(call, Refusal(.busy)) }
        } abandoned: { [self] cause in
            abandon(call, cause)
        }
        call.exchange.receive(body, limit: limit)
    }

    /// The token of `Authorization: Bearer`. A wrong one is refused where none is needed, too.
    private func authenticate(_ call: Call, isRequired: Bool) throws -> Principal? {
        guard let token = call.token else {
            if call.request.fields["Authorization"] == nil, !isRequired { return nil }
            throw Refusal(.unauthenticated)
        }
        return try vault.principal(token: token)
    }

    // MARK: Refusing

    /// The one place where what was thrown becomes an answer, a trace or a count.
    func refuse(_ call: Call, _ error: any Error) {
        let problem: Problem
        if let refusal = vault.refusal(from: error) {
            problem = Problem(refusal, reference: call.reference, attempt: call.attempt?.number)
            if let principal = call.principal {
                vault.record(
                    refusal, of: call.route?.action?.rawValue ?? "unknown", by: principal,
                    consultation: call.route?.consultation,
                    attempt: call.attempt.map { ($0, ShownProblem(status: problem.status, reference: call.reference)) })
            } else {
                vault.count(refusal: refusal.kind.rawValue, from: call.peer.prefix)
            }
        } else {
            problem = Problem(internalUnder: call.reference, attempt: call.attempt?.number)
            vault.report("request \(call.reference): \(error)")
        }
        call.exchange.respond(problem.response(in: call.language))
    }

    /// What the client is told where it may still listen.
    func abandon(_ call: Call, _ cause: BodyEnd) {
        switch cause {
        case .tooLarge: refuse(call, Refusal(.tooLarge))
        case .malformed: refuse(call, Refusal(.malformed))
        case .stopping: refuse(call, Refusal(.stopping))
        case .idle, .tooSlow, .cut: break
        }
    }
}
