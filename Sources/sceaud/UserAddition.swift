import Canonical
import Client
import Foundation
import Linux
import Procurement
import Reception

/// `sceaud admin user add`: through the daemon where one runs, by itself under the folder's lock where none does.
struct UserAddition {
    let file: String
    let configuration: Configuration
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
        file = arguments.required("config")
        configuration = try Configuration.read(file)
    }

    /// - Returns: the token.
    func run() throws -> String {
        let data = try DataFolder(configuration.data)
        let end = Clocks.monotonicMilliseconds() + DefaultLimits.administrationWait
        while true {
            if let lock = try data.locked() {
                return try withExtendedLifetime(lock) { try addAlone(data) }
            }
            do {
                return try addThrough(data.socket)
            } catch ClientError.unreachable where Clocks.monotonicMilliseconds() < end {
                // A daemon that starts holds the lock before it listens; one that stops, after.
                usleep(100_000)
            } catch let error as ClientError {
                throw DaemonError(
                    "the daemon that holds \(data.path) does not answer: \(error)",
                    hint: "whether the user was added is unknown if the request had gone out")
            }
        }
    }

    private func addAlone(_ data: DataFolder) throws -> String {
        let vault = try OpenedVault(configuration, file: file, data, log: Log(.warning)).vault
        defer { vault.stop() }
        do {
            return try vault.addUser(name: name, role: role, account: account, siret: siret).token
        } catch let refusal as Refusal {
            throw DaemonError("refused: \(refusal.detail ?? refusal.kind.rawValue)")
        }
    }

    private struct Added: Decodable { let token: String }

    private func addThrough(_ socket: String) throws -> String {
        var fields: [String: JSON] = ["name": .string(name), "role": .string(role.rawValue)]
        fields["account"] = account.map(JSON.string)
        fields["siret"] = siret.map(JSON.string)
        let body = try HostSocket(socket).post("/admin/users", .object(fields), expecting: 201)
        do { return try JSONDecoder().decode(Added.self, from: body).token } catch {
            throw DaemonError("the daemon answered without the token, which is lost", hint: "add another user")
        }
    }
}
