import Canonical
import Evidence
import HTTP
import OpenSSL
import Procurement
import Reception

extension FrontDesk {
    /// Everything but deposits: a route, a principal and a whole body give an answer. On the pool, may block.
    func answer(_ call: Call, _ route: Route, body: [UInt8]) throws -> Response {
        if let answer = try answerLog(route, body: body) { return answer }
        if case .uploadOptions = route { return uploadOptions }
        if route.isPublic { return try answerPublic(call, route) }
        if route.isHosts { return try answerHost(route, body) }
        guard let principal = call.principal else { throw Refusal(.unauthenticated) }
        switch route {
        case .platform: return platform(for: principal)
        case .clock: return .json(vault.clock.status.json)
        case .timestamp: return try timestamp(call, body, for: principal)
        case .createConsultation: return try create(body, by: principal)
        case .setKeys(let id):
            let asked = try NewKeys.reading(body)
            let fingerprint = try vault.setKeys(
                of: id, by: principal, keySet: Array(asked.keySet), capsules: asked.capsules.map { Array($0) })
            return .json(.object(["fingerprint": .digest(fingerprint)]))
        case .keys(let id):
            return .json(.object(try vault.keys(of: id, set: keySet(call), for: principal).fields))
        case .succession(let id): return .json(try vault.succession(of: id, set: keySet(call), for: principal).json)
        case .addKeys(let id):
            let asked = try NewKeysAdded.reading(body)
            let fingerprint = try self.fingerprint(asked.fingerprint)
            let added = try vault.addKeys(id, by: principal, fingerprint: fingerprint, grounds: asked.grounds)
            return .json(added.json(warnings: try vault.publicationWarnings()))
        case .accept(let id):
            let (accepted, needed) = try vault.accept(
                id, by: principal, signed: Array(try SignedObject.reading(body).signed))
            return .json(.object(["accepted": .numbers(accepted), "needed": .integer(Int64(needed))]), status: 201)
        case .publish(let id):
            let asked = try NewPublication.reading(body)
            let published = try vault.publish(id, by: principal, fingerprint: fingerprint(asked.fingerprint))
            return .json(published.json(warnings: try vault.publicationWarnings()))
        case .unfreeze(let id):
            return .json(try vault.unfreeze(id, by: principal, ground: NewUnfreezing.reading(body).ground).json)
        case .archive(let id):
            return .json(try vault.archive(id, by: principal, grounds: NewArchiving.reading(body).grounds).json)
        case .hostKeys: return .json(try vault.keyState(for: principal).json)
        case .extend(let id):
            let deadline = try Instant(asked: try NewDeadline.reading(body).deadline, field: "deadline")
            return .json(try vault.extend(id, by: principal, to: deadline).json)
        case .committees, .committee, .setCommittee, .shares, .rehearse, .reminders:
            return try answerMembers(route, body, by: principal)
        case .closing, .line, .reopen, .waive, .disclose, .admitLate: return try answerClosing(route, body, by: principal)
        case .attempts, .attempt, .attestAttempt, .attestHealth: return try answerDiligence(call, route, by: principal)
        case .notices:
            return .json(
                .object([
                    "notices": .array(
                        try vault.notices(for: principal).map {
                            .object([
                                "consultation": .identifier($0.consultation), "bid": .identifier($0.bid),
                                "kind": .string($0.kind.rawValue), "at": .instant($0.at),
                            ])
                        })
                ]))
        case .registerCopy(let id): return try registerCopy(id, body, by: principal)
        case .copies(let id):
            return .json(.object(["copies": .array(try vault.copies(of: id, for: principal).map(\.json))]))
        case .decideCopy(let id, let copy): return try decideCopy(id, copy, body, by: principal)
        case .openDraft(let id): return try openDraft(call, id, body, by: principal)
        case .draft(let bid): return try draft(call, bid, for: principal)
        case .dropDraft(let bid):
            try vault.dropDraft(bid, by: principal, bidCode: bidCode(call))
            return Response(status: 204, fields: [], body: .none)
        case .uploadState(let name): return try uploadState(call, name, for: principal)
        case .removeDocument(let name): return try removeDocument(call, name, by: principal)
        case .receipt(let bid):
            guard let token = call.token else { throw Refusal(.unauthenticated) }
            let code = call.request.fields["Bid-Code"]
            let container = try vault.receipt(of: bid, for: principal, bidCode: code, token: token)
            // Asked for right after the deposit: the embedded authority's token takes a moment.
            guard container.token == nil, try vault.awaitStamp(ofBid: bid, milliseconds: 2000) != nil else {
                return .receipt(container, of: bid)
            }
            return .receipt(try vault.receipt(of: bid, for: principal, bidCode: code, token: token), of: bid)
        case .present, .presented, .presentedReceipt: return try answerPresented(call, route, body, by: principal)
        case .entries(let log, let generation, let tile):
            return try entries(tile, of: log, generation: generation, for: principal)
        default: return try answerOpening(route, body, by: principal)
        }
    }

    private func fingerprint(_ text: String) throws(Refusal) -> Digest {
        do { return try Digest(hex: text) } catch { throw Refusal(.invalid, "fingerprint: not 64 lower-case hex digits.") }
    }

    /// Which of a consultation's key sets is meant, by the fingerprint first made.
    private func keySet(_ call: Call) throws(Refusal) -> Digest? {
        guard let text = call.request.query("set") else { return nil }
        do { return try Digest(hex: text) } catch { throw Refusal(.invalid, "set: not 64 lower-case hex digits.") }
    }

    private func answerPublic(_ call: Call, _ route: Route) throws -> Response {
        switch route {
        case .listConsultations:
            return .json(
                .object([
                    "consultations": .array(try vault.consultations(for: call.principal).map { .object($0.fields) })
                ]))
        case .consultation(let id): return .json(try vault.consultation(id, for: call.principal).json)
        case .limits:
            var fields = publicLimits.fields.mapValues(JSON.integer)
            fields["deposits"] = vault.limits.deposits.json
            return .json(.object(fields))
        case .ready:
            try vault.checkReady()
            // Ready on a clock that is not believed, too: bids are received, and judged later.
            var fields: [String: JSON] = [
                "status": .string("ready"), "clock": .string(vault.clock.status.state.rawValue),
            ]
            fields["mirror"] = (vault.mirrorStatus?.word).map(JSON.string)
            return .json(.object(fields))
        default: return .json(.object(["status": .string("ok")]))
        }
    }

    private func answerHost(_ route: Route, _ body: [UInt8]) throws -> Response {
        switch route {
        case .hostClock: return .json(vault.clock.status.json)
        case .acceptClock: return .json(try vault.acceptClock(reason: NewClock.reading(body).reason).json)
        case .addKey, .retireKey, .renewToken, .recordRehearsal, .rotateLog: return try answerKeys(route, body)
        default: return try addUser(body)
        }
    }

    private func answerClosing(_ route: Route, _ body: [UInt8], by principal: Principal) throws -> Response {
        switch route {
        case .closing(let id): return .json(try vault.statement(of: id, for: principal).json)
        case .line(let bid): return .json(try vault.line(of: bid, for: principal).json)
        case .reopen(let id):
            let asked = try NewReopening.reading(body)
            let deadline = try Instant(asked: asked.deadline, field: "deadline")
            return .json(try vault.reopen(id, by: principal, until: deadline, grounds: asked.grounds).json)
        case .waive(let id):
            return .json(try vault.waive(id, by: principal, grounds: NewWaiver.reading(body).grounds).json)
        case .admitLate(let id, let bid):
            let asked = try NewAdmission.reading(body)
            guard let ground = LateBidAdmitted.Ground(rawValue: asked.ground) else {
                throw Refusal(.invalid, "ground: court-order or platform-fault-and-diligence.")
            }
            return .json(try vault.admit(late: bid, of: id, on: ground, grounds: asked.grounds, by: principal).json, status: 201)
        case .disclose(let id):
            guard let occasion = StatementDisclosed.Occasion(rawValue: try NewDisclosure.reading(body).occasion) else {
                throw Refusal(.invalid, "occasion: signature or abandonment.")
            }
            return .json(try vault.disclose(id, by: principal, on: occasion).json)
        default: throw Refusal(.notFound)
        }
    }

    private func answerOpening(_ route: Route, _ body: [UInt8], by principal: Principal) throws -> Response {
        switch route {
        case .announce(let id):
            let asked = try NewOpening.reading(body)
            let (opening, digest) = try vault.announce(
                id, by: principal, signed: Array(asked.signed), committee: asked.committee.map { Array($0) })
            return .json(.object(["opening": .identifier(opening), "digest": .digest(digest)]), status: 201)
        case .openings(let id):
            let (openings, failed) = try vault.openings(of: id, for: principal)
            return .json(
                .object([
                    "openings": .array(openings.map(\.json)),
                    "failed": .array(
                        failed.map { .object(["bid": .identifier($0.bid), "part": .string($0.part), "final": .bool($0.isFinal)]) }),
                ]))
        case .approve(let id, let opening):
            let asked = try NewApproval.reading(body)
            let (approvals, needed) = try vault.approve(
                id, opening: opening, by: principal, signed: Array(asked.signed),
                shares: asked.shares.map { ($0.part, Array($0.share)) })
            return .json(.object(["approvals": .numbers(approvals), "needed": .integer(Int64(needed))]), status: 201)
        case .release(let id, let opening):
            let (approvals, parts) = try vault.release(id, opening: opening, by: principal)
            return .json(
                .object([
                    "approvals": .array(approvals.map(\.json)),
                    "parts": .array(
                        parts.map { .object(["part": .string($0.part), "secret": .base64($0.secret)]) }),
                ]))
        case .reshare(let id, let opening):
            let asked = try NewKeys.reading(body)
            let fingerprint = try vault.reshare(
                id, opening: opening, by: principal, keySet: Array(asked.keySet), capsules: asked.capsules.map { Array($0) })
            return .json(.object(["fingerprint": .digest(fingerprint)]))
        case .bids(let id, let opening):
            let bids = try vault.bids(of: id, opening: opening, by: principal)
            return .json(.object(["bids": .array(bids.map(\.json))]))
        case .seal(let id, let opening, let bid):
            return .file(try vault.seal(of: bid, id, opening: opening, by: principal), "application/zip")
        case .document(let id, let opening, let bid, let number):
            return .file(
                try vault.document(number, of: bid, id, opening: opening, by: principal), "application/octet-stream")
        case .conclude(let id, let opening):
            let asked = try NewMinutes.reading(body)
            try vault.conclude(
                id, opening: opening, by: principal, signed: Array(asked.signed), extract: asked.extract.map { Array($0) })
            return .json(.object(["concluded": .identifier(opening)]), status: 201)
        default: throw Refusal(.notFound)
        }
    }

    private func platform(for principal: Principal) -> Response {
        let certificates = vault.ceremonyCertificates
        var fields: [String: JSON] = [
            "account": .identifier(principal.account),
            "instance": .identifier(vault.platform.instance), "timeLock": .base64(certificates.timeLock.der),
            "timestamps": .base64(vault.stamping.ca.der),
        ]
        fields["recovery"] = certificates.recovery.map { .base64($0.der) }
        let former = vault.hostKeys.filter { $0.kind == .timestampAuthority && !$0.isCurrent }
        if !former.isEmpty { fields["formerTimestamps"] = .array(former.map { .base64($0.certificate.der) }) }
        return .json(.object(fields))
    }

    /// RFC 3161, 3.4.
    private func timestamp(_ call: Call, _ body: [UInt8], for principal: Principal) throws -> Response {
        let asked = call.request.fields["Content-Type"]?.split(separator: ";").first.map { $0.lowercased() }
        guard asked == TimestampRequest.mediaType else {
            throw Refusal(.unsupported, "Content-Type: \(TimestampRequest.mediaType).")
        }
        return Response(
            status: 200, fields: [("Content-Type", TimestampResponse.mediaType)],
            body: .bytes(try vault.timestamp(body, for: principal)))
    }

    private func create(_ body: [UInt8], by principal: Principal) throws -> Response {
        let asked = try NewConsultation.reading(body)
        let zone = asked.timeZone ?? "Europe/Paris"
        guard isTimeZone(zone) else { throw Refusal(.invalid, "timeZone: not a zone such as Europe/Paris.") }
        let view = try vault.create(
            by: principal, reference: asked.reference, title: asked.title, object: asked.object,
            deadline: Instant(asked: asked.deadline, field: "deadline"), timeZone: zone,
            training: asked.training ?? false, parts: asked.parts ?? ["offer"])
        return .json(view.json, status: 201, [("Location", "/api/v1/consultations/\(view.consultation.id)")])
    }

    private func addUser(_ body: [UInt8]) throws -> Response {
        let asked = try NewUser.reading(body)
        guard let role = Role(rawValue: asked.role) else { throw Refusal(.invalid, "role: not a known role.") }
        let added = try vault.addUser(name: asked.name, role: role, account: asked.account, siret: asked.siret)
        return .json(
            .object([
                "user": .identifier(added.user), "account": .identifier(added.account), "token": .string(added.token),
            ]), status: 201)
    }
}

extension JSON {
    static func numbers(_ numbers: [Int]) -> JSON { .array(numbers.map { .integer(Int64($0)) }) }
}

extension Response {
    /// A receipt's container. It names documents: no cache between keeps it.
    static func receipt(_ container: ReceiptContainer, of bid: Identifier, status: Int = 200, _ fields: [(String, String)] = [])
        -> Response
    {
        Response(
            status: status,
            fields: [
                ("Content-Type", ReceiptContainer.mediaType), ("Cache-Control", "no-store"),
                ("Content-Disposition", "attachment; filename=\"receipt-\(bid).asice\""),
            ] + fields, body: .bytes(container.encoded()))
    }

    static func file(_ file: EnvelopeFile, _ mediaType: String) -> Response {
        Response(status: 200, fields: [("Content-Type", mediaType)], body: .file(Download(file)))
    }
}

/// Between the vault's files and the server's reading threads.
private final class Download: FileSource {
    private let file: EnvelopeFile
    let length: Int64

    init(_ file: EnvelopeFile) {
        self.file = file
        length = file.length
    }

    func read(max: Int) throws -> [UInt8] { try file.read(max: max) }
}
