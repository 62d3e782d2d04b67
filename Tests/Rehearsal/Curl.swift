public import Foundation

/// What the daemon answered.
public struct Answer: CustomStringConvertible {
    public let status: Int
    /// Names in lower case.
    public let fields: [String: String]
    public let body: Data

    /// The body as a JSON object; empty where it is none.
    public var json: [String: Any] { (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:] }
    public var text: String { String(decoding: body, as: UTF8.self) }
    /// The last word of a problem's type: `not-yet` of `/problems/not-yet`.
    public var problem: String? { (json["type"] as? String)?.split(separator: "/").last.map(String.init) }
    public var description: String { "\(status) \(text.prefix(600))" }

    public subscript(_ key: String) -> String { json[key] as? String ?? "" }
}

/// The stock client, as companies use it: the platform's certificate pinned, the token in a file of headers, never in its arguments.
public struct Curl {
    public let instance: Instance
    public var token: String?
    public var options: [String] = []

    public init(_ instance: Instance, token: String? = nil, options: [String] = []) {
        self.instance = instance
        self.token = token
        self.options = options
    }

    public func get(_ path: String) throws -> Answer { try request([], path) }

    public func post(_ path: String, _ object: [String: Any], fields: [String] = []) throws -> Answer {
        try send("POST", path, object, fields: fields)
    }

    public func put(_ path: String, _ object: [String: Any], fields: [String] = []) throws -> Answer {
        try send("PUT", path, object, fields: fields)
    }

    /// `curl -T`. `path` ends with the encoded file name.
    public func upload(_ file: String, to path: String, fields: [String] = []) throws -> Answer {
        try request(["-T", file], path, fields: fields)
    }

    /// Deposits `bytes` under `name` in one request.
    public func deposit(
        _ bytes: Data, named name: String = "offer.zip", in consultation: String, fields: [String] = []
    ) throws -> Answer {
        let folder = try TemporaryFolder()
        let file = try folder.write("document", bytes)
        return try upload(
            file, to: "/api/v1/consultations/\(consultation)/bid/\(Self.encoded(name))", fields: fields)
    }

    private func send(_ method: String, _ path: String, _ object: [String: Any], fields: [String]) throws -> Answer {
        let body = try JSONSerialization.data(withJSONObject: object)
        return try request(
            ["-X", method, "--data-binary", "@-"], path, fields: ["Content-Type: application/json"] + fields, stdin: body)
    }

    /// One exchange with curl's own `arguments`. A connection without an answer has status 0, and curl's exit status
    /// as the field `curl`.
    public func request(_ arguments: [String], _ path: String, fields: [String] = [], stdin: Data? = nil) throws -> Answer {
        let folder = try TemporaryFolder()
        let head = (token.map { ["Authorization: Bearer \($0)"] } ?? []) + fields
        let headers = try folder.write("headers", head.map { $0 + "\n" }.joined())
        let outcome = try run(
            ["-sS", "--path-as-is", "--max-time", "300", "--cacert", instance.ca, "-H", "@" + headers, "-D", folder.path("head"),
                "-o", folder.path("body"), "-w", "%{http_code}"] + options + arguments + [instance.url + path],
            stdin)
        let body = (try? Data(contentsOf: folder.url.appending(path: "body"))) ?? Data()
        let text = (try? String(contentsOf: folder.url.appending(path: "head"), encoding: .utf8)) ?? ""
        var fields = Self.lastHead(text)
        fields["curl"] = String(outcome.status)
        return Answer(status: Int(outcome.line) ?? 0, fields: fields, body: body)
    }

    private func run(_ arguments: [String], _ stdin: Data?) throws -> Outcome {
        if let time = instance.time { return try time.run("curl", arguments, stdin: stdin, timeout: 330) }
        return try Shell.run("curl", arguments, stdin: stdin, timeout: 330)
    }

    /// The fields of the final answer: a `100 Continue` stands before it in the same file.
    private static func lastHead(_ text: String) -> [String: String] {
        let heads = text.replacing("\r\n", with: "\n").split(separator: "\n\n")
        var fields: [String: String] = [:]
        for line in heads.last?.split(separator: "\n").dropFirst() ?? [] {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return fields
    }

    /// A file name as one path segment: all but unreserved characters percent-encoded.
    public static func encoded(_ name: String) -> String {
        name.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
