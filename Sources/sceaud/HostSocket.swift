import Canonical
import Client
import Foundation

/// The daemon's own socket in the data folder, for the commands of the host.
struct HostSocket {
    private let client: HTTPSClient

    init(_ path: String) { client = HTTPSClient(.unix(path: path), trust: .system) }

    func get(_ path: String) throws -> Data {
        try answer(client.send(Call("GET", path), limit: DefaultLimits.administrationBytes), expecting: 200)
    }

    func post(_ path: String, _ body: JSON, expecting status: Int) throws -> Data {
        let call = Call(
            "POST", path, fields: [("Content-Type", "application/json")], body: .bytes(body.encoded()))
        return try answer(client.send(call, limit: DefaultLimits.administrationBytes), expecting: status)
    }

    private struct Refused: Decodable {
        let title: String
        let detail: String?
    }

    private func answer(_ answer: Answer, expecting status: Int) throws(DaemonError) -> Data {
        let body = Data(answer.body)
        guard answer.status != status else { return body }
        let refused = try? JSONDecoder().decode(Refused.self, from: body)
        throw DaemonError("refused: \(refused.map { $0.detail ?? $0.title } ?? "status \(answer.status)")")
    }
}
