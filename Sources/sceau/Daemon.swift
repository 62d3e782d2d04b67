import Canonical
import Client
import Foundation
import OpenSSL

/// The daemon as its API shows it: calls, bounded answers, and refusals turned into words.
final class Daemon {
    /// Bytes of a JSON answer: key sets and lists of bids are the largest.
    private static let largestAnswer = 64 << 20
    /// Bytes of what a daemon says while refusing.
    private static let largestProblem = 64 << 10

    /// Where it is, whom to trust there, and who asks. Read once: a token may come through a pipe.
    struct Access: Sendable {
        fileprivate let endpoint: Endpoint
        fileprivate let trust: Trust
        fileprivate let token: String
    }

    let access: Access
    private let client: HTTPSClient
    private var token: String { access.token }

    /// Another connection to the same daemon, for another thread.
    init(_ access: Access) {
        self.access = access
        client = HTTPSClient(access.endpoint, trust: access.trust)
    }

    convenience init(_ invocation: Invocation) throws(CommandError) {
        func setting(_ option: String, _ variable: String, _ what: String) throws(CommandError) -> String {
            if let value = invocation.value(option) ?? invocation.environment[variable], !value.isEmpty { return value }
            throw .usage("\(what) is not given", hint: "use --\(option) or set \(variable)")
        }
        let endpoint: Endpoint
        do { endpoint = try Endpoint(parsing: try setting("url", "SCEAU_URL", "the daemon's address")) } catch let error
            as CommandError
        {
            throw error
        } catch {
            throw .usage(
                "that is not a daemon's address", hint: "write https://HOST or https://HOST:PORT, without a path")
        }
        let tokenFile = try InputFile(setting("token-file", "SCEAU_TOKEN_FILE", "the file with your token"))
        if tokenFile.isOpenToOthers {
            invocation.terminal.warn("other users of this machine can read your token: chmod 600 '\(tokenFile.path)'")
        }
        let token = String(decoding: try tokenFile.readAll(max: 1024), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw CommandError("'\(tokenFile.path)' holds no token")
        }
        var trust = Trust.system
        if let path = invocation.value("ca") ?? invocation.environment["SCEAU_CA"], !path.isEmpty {
            let pem = try InputFile.read(path, max: 1 << 20)
            guard (try? Certificate(pem: pem)) != nil else {
                throw CommandError(
                    "'\(path)' holds no certificate that can be read (PEM)",
                    hint: "--ca takes the daemon's own certificate, or that of the authority that vouches for it")
            }
            trust = .authorities(pem: pem)
        }
        self.init(Access(endpoint: endpoint, trust: trust, token: token))
    }

    /// - Parameter query: percent-encoded already.
    func get<View: Decodable>(_ path: [String], query: String = "", as: View.Type = View.self) throws(CommandError) -> View {
        try read(send(Call("GET", target(path) + (query.isEmpty ? "" : "?" + query), fields: fields(json: false)), limit: Self.largestAnswer))
    }

    /// POST of a JSON body.
    func post<View: Decodable>(_ path: [String], _ body: JSON, as: View.Type = View.self) throws(CommandError) -> View {
        try read(write("POST", path, body))
    }

    /// POST of bytes that are no JSON.
    func post<View: Decodable>(_ path: [String], _ body: [UInt8], type: String, as: View.Type = View.self) throws(CommandError) -> View {
        try read(
            send(
                Call("POST", target(path), fields: fields(json: false) + [("Content-Type", type)], body: .bytes(body)),
                limit: Self.largestAnswer))
    }

    /// POST of which only the success matters.
    func post(_ path: [String], _ body: JSON) throws(CommandError) { _ = try write("POST", path, body) }

    func put<View: Decodable>(_ path: [String], _ body: JSON, as: View.Type = View.self) throws(CommandError) -> View {
        try read(write("PUT", path, body))
    }

    /// One exchange whose answer's head matters too.
    ///
    /// - Parameters:
    ///   - query: percent-encoded already.
    ///   - isRepeatable: whether it does no harm if the daemon gets it twice.
    func exchange(
        _ method: String, _ path: [String], query: String = "", fields extra: [(name: String, value: String)] = [],
        body: Call.Body = .none, isRepeatable: Bool = false, progress: ((Int64) -> Void)? = nil
    ) throws(CommandError) -> Answer {
        try send(
            Call(
                method, target(path) + (query.isEmpty ? "" : "?" + query), fields: fields(json: false) + extra, body: body,
                isRepeatable: isRepeatable, progress: progress), limit: Self.largestAnswer)
    }

    /// A JSON answer, read.
    func view<View: Decodable>(_ answer: Answer, as: View.Type = View.self) throws(CommandError) -> View { try read(answer) }

    /// GET of bytes that are read as they come.
    func open(_ path: [String]) throws -> Download {
        let download = try client.open(Call("GET", target(path), fields: fields(json: false)))
        guard download.status == 200 else { throw Self.refusal(try download.gather(limit: Self.largestProblem)) }
        return download
    }

    /// GET of bytes that fit in memory.
    func bytes(
        _ path: [String], limit: Int, fields extra: [(name: String, value: String)] = []
    ) throws(CommandError) -> [UInt8] {
        try send(Call("GET", target(path), fields: fields(json: false) + extra), limit: limit).body
    }
}

extension Daemon {
    private func target(_ path: [String]) -> String { Call.path(["api", "v1"] + path) }

    private func fields(json: Bool) -> [(name: String, value: String)] {
        var fields = [("Authorization", "Bearer " + token), ("Accept", "application/json"), ("User-Agent", "sceau")]
        if json { fields.append(("Content-Type", "application/json")) }
        return fields
    }

    private func write(_ method: String, _ path: [String], _ body: JSON) throws(CommandError) -> Answer {
        try send(
            Call(method, target(path), fields: fields(json: true), body: .bytes(body.encoded())),
            limit: Self.largestAnswer)
    }

    private func send(_ call: Call, limit: Int) throws(CommandError) -> Answer {
        let answer: Answer
        do { answer = try client.send(call, limit: limit) } catch let error as ClientError {
            throw Self.failure(error)
        } catch {
            throw CommandError("the request failed: \(error)")
        }
        guard (200..<300).contains(answer.status) else { throw Self.refusal(answer) }
        return answer
    }

    private func read<View: Decodable>(_ answer: Answer) throws(CommandError) -> View {
        do { return try JSONDecoder().decode(View.self, from: Data(answer.body)) } catch {
            throw CommandError(
                "the daemon's answer is not what its API promises (\(Self.place(of: error)))",
                hint: "is this tool as new as the daemon?")
        }
    }

    /// The field at fault; never its value.
    private static func place(of error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            "no " + (path(context).isEmpty ? "" : path(context) + ".") + key.stringValue
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            path(context).isEmpty ? "not JSON" : path(context)
        default: error is CanonicalError ? "a malformed value" : "unreadable"
        }
    }
}
