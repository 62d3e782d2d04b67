import Canonical
import Foundation
import Reception

/// `sceaud admin token renew`.
struct TokenRenewal {
    let administration: Administration
    let name: String
    let account: String?
    /// Milliseconds.
    let grace: Int64

    init(_ arguments: Arguments) throws(DaemonError) {
        administration = try Administration(arguments)
        name = arguments.required("name")
        account = arguments.value("account")
        let hours = arguments.value("grace-hours") ?? "0"
        guard let number = Int64(hours), (0...720).contains(number) else {
            throw .usage("--grace-hours is a whole number from 0 to 720")
        }
        grace = number * 3_600_000
    }

    private struct Renewed: Decodable { let token: String }

    /// - Returns: the token.
    func run() throws -> String {
        try administration.perform(
            unknown: "whether the token was renewed",
            alone: { opened in
                try opened.vault.renewToken(of: opened.vault.user(named: name, account: account), grace: grace).token
            },
            through: { socket in
                var fields: [String: JSON] = ["name": .string(name), "grace": .integer(grace)]
                fields["account"] = account.map(JSON.string)
                let body = try socket.post("/admin/tokens", .object(fields), expecting: 201)
                do { return try JSONDecoder().decode(Renewed.self, from: body).token } catch {
                    throw DaemonError("the daemon answered without the token, which is lost", hint: "renew it again")
                }
            })
    }
}
