import Canonical
import Foundation
import Linux
import OpenSSL
import Rehearsal

/// A bidder with bad luck: fills a draft through a ``CuttingProxy``, begins again wherever it was cut, holds the daemon to all
/// that it was told, and goes on until its bid is received.
final class ScheduledDraft: @unchecked Sendable {
    struct Document: Sendable {
        let name: String
        let bytes: Data
        let hasChecksum: Bool
    }

    struct Answer {
        let status: Int
        let fields: [String: String]
        let json: [String: Any]
    }

    let documents: [Document]
    let submitsItself: Bool
    /// Given up before its last document.
    let isAbandoned: Bool
    private let url: String
    private let ca: String
    private let token: String
    private let consultation: String
    private let random: Monitor<SplitMix>
    private let state = Monitor(State())

    private struct State {
        var bid = ""
        var code = ""
        var receipt: (verdict: String, json: [String: Any])?
        var wrong: [String] = []
        var requests = 0
    }

    init(
        _ documents: [Document], submitsItself: Bool, isAbandoned: Bool, url: String, ca: String, token: String, consultation: String,
        random: SplitMix
    ) {
        (self.documents, self.submitsItself, self.isAbandoned) = (documents, submitsItself, isAbandoned)
        (self.url, self.ca, self.token, self.consultation) = (url, ca, token, consultation)
        self.random = Monitor(random)
    }

    var bid: String { state.change { $0.bid } }
    var receipt: (verdict: String, json: [String: Any])? { state.change { $0.receipt } }
    /// What the daemon should not have said.
    var wrong: [String] { state.change { $0.wrong } }
    var requests: Int { state.change { $0.requests } }

    private func chance(_ probability: Double) -> Bool { random.change { Double.random(in: 0..<1, using: &$0) < probability } }
    private func number(_ range: ClosedRange<Int>) -> Int { random.change { Int.random(in: range, using: &$0) } }
    private func complain(_ text: String) { state.change { $0.wrong.append("\($0.bid): \(text)") } }

    /// Its last answer was cut, and it is a bid by now.
    private struct Submitted: Error {}

    // MARK: Its life

    func run() {
        do {
            try open()
            let isParallel = chance(0.7)
            var threads: [OSThread] = []
            for (index, document) in documents.enumerated() {
                if isAbandoned, index == documents.count - 1 { break }
                let work: @Sendable () -> Void = { [self] in
                    do { try send(document) } catch is Submitted {} catch { complain("\(document.name): \(error)") }
                }
                if isParallel { threads.append(try OSThread.start(name: "document", work)) } else { work() }
            }
            for thread in threads { thread.join() }
            if !isAbandoned { try submit() }
        } catch {
            complain("\(error)")
        }
    }

    /// A draft whose answer was lost is a draft more: nobody fills it.
    private func open() throws {
        while true {
            let answer = try request(
                ["-X", "POST", "--data-binary", "@-"], "/api/v1/consultations/\(consultation)/bids",
                body: try JSONSerialization.data(withJSONObject: submitsItself ? ["submitAfter": documents.count] : [:]))
            guard answer.status == 201, let bid = answer.json["id"] as? String, let code = answer.json["bidCode"] as? String else { continue }
            return state.change { ($0.bid, $0.code) = (bid, code) }
        }
    }

    private func send(_ document: Document) throws {
        let length = document.bytes.count
        var (address, acknowledged) = try create(document)
        while true {
            let head = try request(["-I"], address)
            guard head.status == 200, let offset = head.fields["upload-offset"].flatMap(Int.init) else {
                // All its documents had come, the last one's answer was cut, and it is a bid by now: its submission will tell.
                if head.status == 410, submitsItself { return }
                if head.status != 0, head.status != 503 { return complain("HEAD \(document.name): \(head)") }
                continue
            }
            if offset < acknowledged { complain("\(document.name): \(acknowledged) bytes were acknowledged, there are \(offset)") }
            acknowledged = offset
            if offset == length, length > 0 { return }
            if chance(0.3) { try look(document, acknowledged) }
            let end = chance(0.4) ? length : min(length, offset + number(1...max(1, (length - offset) / number(1...4))))
            let piece = document.bytes[offset..<end]
            let answer = try request(
                ["-X", "PATCH", "--data-binary", "@-"], address, fields: ["Upload-Offset: \(offset)"] + fields(document, piece), body: Data(piece))
            switch answer.status {
            case 204:
                acknowledged = end
                if answer.fields["upload-offset"] != "\(end)" { complain("PATCH to \(end): \(answer)") }
                if length == 0 { return }
            case 0, 409, 503: continue
            case 410 where submitsItself: return
            default: return complain("PATCH \(document.name) \(offset)..<\(end) of \(length): \(answer)")
            }
        }
    }

    /// Its address, and how much of it the daemon said it has.
    private func create(_ document: Document) throws -> (address: String, offset: Int) {
        let names = "filename \(Data(document.name.utf8).base64EncodedString())"
        while true {
            let piece = document.bytes.prefix(chance(0.3) ? number(0...document.bytes.count) : 0)
            let answer = try request(
                ["-X", "POST", "--data-binary", "@-"], "/api/v1/bids/\(bid)/documents",
                fields: ["Upload-Length: \(document.bytes.count)", "Upload-Metadata: \(names)"]
                    + (piece.isEmpty ? [] : fields(document, piece)), body: Data(piece))
            if answer.status == 201, let address = answer.fields["location"], let offset = answer.fields["upload-offset"].flatMap(Int.init) {
                if offset != piece.count { complain("POST of \(piece.count) bytes: \(answer)") }
                return (address, offset)
            }
            if ![0, 201, 409, 503].contains(answer.status) { complain("POST \(document.name): \(answer)") }
            // The answer may be lost and the document there: it is the one of this name.
            while true {
                let read = try request([], "/api/v1/bids/\(bid)")
                guard read.status == 200 else {
                    if read.status != 0, read.status != 503 { complain("GET: \(read)") }
                    continue
                }
                if submitsItself, read.json["state"] as? String == "submitted" { throw Submitted() }
                let listed = read.json["documents"] as? [[String: Any]] ?? []
                guard let found = listed.last(where: { $0["name"] as? String == document.name }), let id = found["id"] as? String else { break }
                let address = "/api/v1/documents/\(id)"
                if chance(0.5) { return (address, found["offset"] as? Int ?? 0) }
                let removed = try request(["-X", "DELETE"], address)
                if ![0, 204, 404, 503].contains(removed.status) { complain("DELETE: \(removed)") }
            }
        }
    }

    /// Reading a draft, while others of its documents are uploaded, changes nothing.
    private func look(_ document: Document, _ acknowledged: Int) throws {
        let answer = try request([], "/api/v1/bids/\(bid)")
        guard answer.status == 200, answer.json["state"] as? String == "open" else { return }
        let listed = answer.json["documents"] as? [[String: Any]] ?? []
        guard let found = listed.last(where: { $0["name"] as? String == document.name }) else { return complain("\(document.name) is not listed") }
        if found["offset"] as? Int ?? -1 < acknowledged { complain("\(document.name): \(acknowledged) were acknowledged, listed is \(found)") }
    }

    private func submit() throws {
        while true {
            let answer = try request(["-X", "POST", "--data-binary", "@-"], "/api/v1/bids/\(bid)/submission", body: Data("{}".utf8))
            switch answer.status {
            case 0, 503: continue
            // The head came, the receipt did not.
            case 201 where answer.json["event"] == nil: continue
            case 201:
                state.change { $0.receipt = (answer.json["verdict"] as? String ?? "", answer.json) }
                let told = Dictionary(
                    (answer.json["documents"] as? [[String: Any]] ?? []).map { ($0["name"] as? String ?? "", $0["sha256"] as? String ?? "") }
                ) { $0 + $1 }
                let sent = Dictionary(uniqueKeysWithValues: documents.map { ($0.name, Digest(SHA256.hash(Array($0.bytes))).hex) })
                if told != sent { complain("the receipt is of other documents: \(told), sent: \(sent)") }
                return
            default: return complain("submission: \(answer)")
            }
        }
    }

    // MARK: -

    private func fields(_ document: Document, _ piece: Data) -> [String] {
        let checksum = "Upload-Checksum: sha256 \(Data(Digest(SHA256.hash(Array(piece))).bytes).base64EncodedString())"
        return ["Content-Type: application/offset+octet-stream"] + (document.hasChecksum ? [checksum] : [])
    }

    /// One exchange through the proxy; status 0 where no head came back.
    private func request(_ arguments: [String], _ path: String, fields: [String] = [], body: Data? = nil) throws -> Answer {
        let count = state.change { state in
            state.requests += 1
            return state.requests
        }
        guard count < 5000, wrong.count < 10 else { throw HalfUpload.Broken(description: "it does not come to an end") }
        let folder = try TemporaryFolder()
        let all = ["Authorization: Bearer \(token)", "Bid-Code: \(state.change { $0.code })", "Tus-Resumable: 1.0.0"] + fields
        let headers = try folder.write("headers", all.filter { $0 != "Bid-Code: " }.map { $0 + "\n" }.joined())
        let outcome = try Shell.run(
            "curl",
            ["-sS", "--path-as-is", "--max-time", "60", "--cacert", ca, "-H", "@" + headers, "-D", folder.path("head"), "-o",
                folder.path("body")] + arguments + [url + path], stdin: body, timeout: 90)
        let head = ((try? String(contentsOfFile: folder.path("head"), encoding: .utf8)) ?? "").replacing("\r\n", with: "\n")
        // Whole, and not only a `100 Continue`.
        let heads = head.hasSuffix("\n\n") ? head.split(separator: "\n\n").filter { !$0.hasPrefix("HTTP/1.1 1") } : []
        guard let last = heads.last else {
            if outcome.status == 7 { Thread.sleep(forTimeInterval: 0.05) }
            return Answer(status: 0, fields: ["curl": "\(outcome.status)"], json: [:])
        }
        let lines = last.split(separator: "\n")
        let status = Int(lines[0].dropFirst("HTTP/1.1 ".count).prefix(3)) ?? 0
        if status == 503 { Thread.sleep(forTimeInterval: 0.1) }
        let pairs = lines.dropFirst().map { $0.split(separator: ":", maxSplits: 1) }.filter { $0.count == 2 }
        let data = (try? Data(contentsOf: folder.url.appending(path: "body"))) ?? Data()
        return Answer(
            status: status,
            fields: Dictionary(pairs.map { ($0[0].lowercased(), $0[1].trimmingCharacters(in: .whitespaces)) }) { $1 },
            json: (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:])
    }
}
