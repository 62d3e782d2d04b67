import Canonical
import HTTP
import OpenSSL
import Procurement
import Reception
import Sealing

extension FrontDesk {
    /// The bid code: in its own field, or in the address that was given to a tus client.
    func bidCode(_ call: Call) -> String? { call.request.fields["Bid-Code"] ?? call.request.query("code") }

    func openDraft(_ call: Call, _ id: Identifier, _ body: [UInt8], by principal: Principal) throws -> Response {
        let asked = body.isEmpty ? NewDraft() : try NewDraft.reading(body)
        let bid = try asked.id.map { text throws(Refusal) in
            guard let bid = try? Identifier(text) else { throw Refusal(.invalid, "id: not 32 lower-case hex digits.") }
            return bid
        }
        let opened = try vault.openDraft(
            Vault.DraftRequest(
                bid: bid, bidCode: bidCode(call), awaited: asked.submitAfter, intent: try intent(asked.intent),
                sealedBy: asked.sealed == true ? .bidder : .platform, started: call.started), in: id, by: principal)
        var fields: [String: JSON] = ["id": .identifier(opened.bid), "depositor": .identifier(opened.depositor)]
        fields["bidCode"] = opened.bidCode.map(JSON.string)
        return .json(
            .object(fields), status: 201, [("Location", "/api/v1/bids/\(opened.bid)"), ("Attempt", opened.bid.text)])
    }

    func draft(_ call: Call, _ bid: Identifier, for principal: Principal) throws -> Response {
        .json(try vault.draft(bid, for: principal, bidCode: bidCode(call)).json, [("Cache-Control", "no-store")])
    }

    func intent(_ text: String?) throws(Refusal) -> Intent {
        guard let text else { return .unstated }
        guard let intent = Intent(rawValue: text) else {
            throw Refusal(.invalid, "intent: replaces, complements or unstated.")
        }
        return intent
    }

    // MARK: tus

    var uploadOptions: Response {
        Response(
            status: 204,
            fields: [
                ("Tus-Resumable", Tus.version), ("Tus-Version", Tus.version), ("Tus-Extension", Tus.extensions),
                ("Tus-Max-Size", String(vault.limits.deposits.document)),
                ("Tus-Checksum-Algorithm", BodyDigest.Algorithm.allCases.map(\.rawValue).joined(separator: ",")),
            ], body: .none)
    }

    /// Creation, and the first bytes where they came with it.
    func createDocument(_ call: Call, _ bid: Identifier) throws {
        guard let principal = call.principal else { throw Refusal(.unauthenticated) }
        try Tus.check(call.request)
        let code = bidCode(call)
        let state = try vault.createDocument(try Tus.document(call.request), of: bid, by: principal, bidCode: code)
        let name = DocumentName(bid: bid, number: state.number)
        let location = "/api/v1/documents/\(name.text)\(code.map { "?code=\($0)" } ?? "")"
        if call.request.hasBody || state.length == 0 {
            // What is there already stays, whatever becomes of these bytes: the client learns where.
            return try receive(call, name, offset: 0, status: 201, fields: [("Location", location)])
        }
        call.exchange.respond(
            Response(
                status: 201, fields: Tus.fields + [("Location", location), ("Upload-Offset", "0")] + outlook(state, for: principal),
                body: .none))
    }

    func upload(_ call: Call, _ name: DocumentName) throws {
        try Tus.check(call.request)
        try receive(call, name, offset: try Tus.offset(call.request), status: 204, fields: [])
    }

    private func receive(
        _ call: Call, _ name: DocumentName, offset: Int64, status: Int, fields: [(String, String)]
    ) throws {
        guard let principal = call.principal, let token = call.token, let attempt = call.attempt else {
            throw Refusal(.unauthenticated)
        }
        let isEmpty = status == 201 && !call.request.hasBody
        let asked = call.request.fields["Content-Type"]?.lowercased()
        guard isEmpty || asked == Tus.mediaType else { throw Refusal(.unsupported, "Content-Type: \(Tus.mediaType).") }
        guard call.request.contentLength != nil || call.request.isChunked || isEmpty else { throw Refusal(.lengthRequired) }
        let upload = try vault.upload(
            Vault.UploadRequest(
                bid: name.bid, number: name.number, offset: offset, length: isEmpty ? 0 : call.request.contentLength,
                total: try Tus.repeatedLength(call.request),
                bidCode: bidCode(call), checksum: try Tus.checksum(call.request), attempt: attempt),
            by: principal, token: token
        ) {
            call.exchange.resume()
        } finished: { [self] result in
            switch result {
            case .success(let state):
                var all = Tus.fields + fields + [("Upload-Offset", String(state.offset))] + outlook(state, for: principal)
                if state.isSubmitted { all.append(("Bid-Receipt", "/api/v1/bids/\(name.bid)/receipt")) }
                call.exchange.respond(Response(status: status, fields: all, body: .none))
            case .failure(let error): refuse(call, error)
            }
        }
        call.exchange.receive(
            BidBody(
                take: { upload.receive($0) }, end: { upload.finish() },
                stop: { [self] cause in
                    upload.abandon(cause.word)
                    abandon(call, cause)
                }), limit: .max)
    }

    func uploadState(_ call: Call, _ name: DocumentName, for principal: Principal) throws -> Response {
        try Tus.check(call.request)
        let state = try vault.uploadState(name.number, of: name.bid, by: principal, bidCode: bidCode(call))
        return Response(
            status: 200,
            fields: Tus.fields + [("Upload-Offset", String(state.offset)), ("Upload-Length", String(state.length))]
                + outlook(state, for: principal, isEstimated: false),
            body: .none)
    }

    func removeDocument(_ call: Call, _ name: DocumentName, by principal: Principal) throws -> Response {
        try Tus.check(call.request)
        try vault.removeDocument(name.number, of: name.bid, by: principal, bidCode: bidCode(call))
        return Response(status: 204, fields: Tus.fields, body: .none)
    }

    /// When what is not complete is dropped; and when its rest will be here, and whether that is too late.
    private func outlook(_ state: UploadState, for principal: Principal, isEstimated: Bool = true) -> [(String, String)] {
        guard !state.isComplete, let (expires, estimate) = try? vault.outlook(of: state, for: principal) else { return [] }
        var fields = [("Upload-Expires", HTTPDate.text(seconds: expires.second))]
        guard isEstimated, let estimate else { return fields }
        fields += [("Upload-Rate", String(estimate.rate)), ("Upload-Ends", "\(estimate.ends)")]
        if estimate.isTooLate { fields.append(("Upload-Too-Late", "\(estimate.deadline)")) }
        return fields
    }
}

extension Vault.DraftView {
    var json: JSON {
        var fields: [String: JSON] = [
            "id": .identifier(entry.bid), "consultation": .identifier(entry.consultation), "state": .string(entry.state.rawValue),
            "intent": .string(entry.intent.rawValue), "started": .instant(entry.started),
            "documents": .array(
                documents.map { state, detail in
                    var fields: [String: JSON] = [
                        "id": .string(DocumentName(bid: state.bid, number: state.number).text), "number": .integer(Int64(state.number)),
                        "part": .string(state.part), "offset": .integer(state.offset), "length": .integer(state.length),
                        "complete": .bool(state.isComplete),
                    ]
                    guard let detail else { return .object(fields) }
                    fields["name"] = .string(detail.name)
                    fields["folder"] = detail.folder.map(JSON.string)
                    if !detail.lots.isEmpty { fields["lots"] = .array(detail.lots.map(JSON.string)) }
                    fields["mediaType"] = detail.mediaType.map(JSON.string)
                    fields["signatureOf"] = detail.signatureOf.map { .integer(Int64($0)) }
                    return .object(fields)
                }),
        ]
        if entry.sealedBy == .bidder { fields["sealed"] = .bool(true) }
        fields["submitAfter"] = entry.awaited.map(JSON.integer)
        return .object(fields)
    }
}
