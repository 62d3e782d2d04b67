import Canonical
import Foundation
import Procurement
import Reception

/// `sceaud admin user add`: through the daemon where one runs, by itself under the folder's lock where none does.
struct UserAddition {
    let administration: Administration
    let name: String
    let role: Role
    let account: String?
    let siret: String?

    init(_ arguments: Arguments) throws(DaemonError) {
        guard let role = Role(rawValue: arguments.required("role")) else {
            throw .usage(
                "'\(arguments.required("role"))' is not a role",
                hint: "roles are \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.role = role
        name = arguments.required("name")
        account = arguments.value("account")
        siret = arguments.value("siret")
        guard role != .bidder || account != nil else {
            throw .usage("a bidder belongs to a company", hint: "--account NAME names it, and makes it where it is new")
        }
        administration = try Administration(arguments)
    }

    /// - Returns: the token.
    func run() throws -> String {
        try administration.perform(
            unknown: "whether the user was added",
            alone: { try $0.vault.addUser(name: name, role: role, account: account, siret: siret).token },
            through: addThrough)
    }

    private struct Added: Decodable { let token: String }

    private func addThrough(_ socket: HostSocket) throws -> String {
        var fields: [String: JSON] = ["name": .string(name), "role": .string(role.rawValue)]
        fields["account"] = account.map(JSON.string)
        fields["siret"] = siret.map(JSON.string)
        let body = try socket.post("/admin/users", .object(fields), expecting: 201)
        do { return try JSONDecoder().decode(Added.self, from: body).token } catch {
            throw DaemonError("the daemon answered without the token, which is lost", hint: "add another user")
        }
    }
}
