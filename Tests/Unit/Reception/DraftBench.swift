import Canonical
import Linux
import OpenSSL
import Procurement
import Testing

@testable import Reception

/// A draft as the portal fills one, without a portal.
struct Draft {
    let house: House
    let user: House.User
    let bid: Identifier
    let code: String

    init(_ house: House, in consultation: Identifier, by user: House.User, awaited: Int64? = nil, intent: Intent = .unstated) throws {
        let opened = try house.vault.openDraft(
            Vault.DraftRequest(bidCode: nil, awaited: awaited, intent: intent, started: house.dial.clock.now), in: consultation,
            by: user.principal)
        (self.house, self.user, bid) = (house, user, opened.bid)
        code = try #require(opened.bidCode)
    }

    @discardableResult
    func create(_ length: Int64, named name: String = "a.txt", folder: String? = nil, signatureOf: Int? = nil) throws -> Int {
        let detail = DraftDetail(folder: folder, name: name, lots: [], mediaType: nil, signatureOf: signatureOf)
        return try house.vault.createDocument(
            DocumentRequest(part: nil, detail: detail, length: length), of: bid, by: user.principal, bidCode: code
        ).number
    }

    /// A request under way.
    final class Sending {
        let upload: Reception.Upload
        let outcome = Monitor<Result<UploadState, any Error>?>(nil)

        init(_ draft: Draft, _ number: Int, at offset: Int64, length: Int64?, checksum: [UInt8]? = nil) throws {
            let outcome = self.outcome
            upload = try draft.house.vault.upload(
                Vault.UploadRequest(
                    bid: draft.bid, number: number, offset: offset, length: length, bidCode: draft.code,
                    checksum: checksum.map { (algorithm: .sha256, expected: $0) },
                    attempt: Attempt(
                        number: Identifier(random: try Random.sixteen()), started: draft.house.dial.clock.now, announced: length,
                        limits: [])),
                by: draft.user.principal, token: draft.user.token, resume: {}
            ) { result in outcome.change { $0 = result } }
        }

        func send(_ bytes: [UInt8]) { _ = upload.receive(bytes.span) }

        func state() throws -> UploadState { try outcome.wait { $0 }.get() }
    }

    @discardableResult
    func send(_ bytes: [UInt8], to number: Int, at offset: Int64, checksum: [UInt8]? = nil) throws -> UploadState {
        let sending = try Sending(self, number, at: offset, length: Int64(bytes.count), checksum: checksum)
        sending.send(bytes)
        sending.upload.finish()
        return try sending.state()
    }

    func state(_ number: Int) throws -> UploadState {
        try house.vault.uploadState(number, of: bid, by: user.principal, bidCode: code)
    }

    func submit(_ intent: Intent = .unstated, code: String? = nil) throws -> Receipt {
        let id = try house.vault.consultation(ofDraft: bid, for: user.principal)
        return try submit(intent, ticket: house.vault.enterSubmission(of: id), code: code)
    }

    func submit(_ intent: Intent, ticket: Vault.SubmissionTicket, code: String? = nil) throws -> Receipt {
        let outcome = Monitor<Result<Receipt, any Error>?>(nil)
        house.vault.submit(
            bid, by: user.principal, token: user.token, bidCode: code ?? self.code, intent: intent, .plain(nil), ticket: ticket
        ) { result in outcome.change { $0 = result } }
        return try outcome.wait { $0 }.get()
    }

    static func whole(_ house: House, in id: Identifier, by user: House.User, intent: Intent = .unstated) throws -> (Draft, Receipt) {
        let draft = try Draft(house, in: id, by: user)
        try draft.create(3)
        try draft.send([1, 2, 3], to: 1, at: 0)
        return (draft, try draft.submit(intent))
    }
}
