/// An option of a command. Without `value` it is a switch.
struct Option: Sendable {
    enum Need: Sendable { case required, optional, repeatable }

    let name: String
    /// What stands for the value in the help: `FILE`.
    let value: String?
    let need: Need
    let help: String

    init(_ name: String, _ value: String?, _ need: Need, _ help: String) {
        self.name = name
        self.value = value
        self.need = need
        self.help = help
    }

    static let configuration = Option(
        "config", "FILE", .required, "the configuration that `sceaud init` wrote: sceaud.json5 in the data folder")

    var usage: String {
        let text = "--\(name)" + (value.map { " " + $0 } ?? "")
        return switch need {
        case .required: text
        case .optional: "[\(text)]"
        case .repeatable: "[\(text)]…"
        }
    }
}

/// One command of the daemon, declared: what it takes, what it says of itself, what it does.
struct Command: Sendable {
    /// `["admin", "user", "add"]`.
    let path: [String]
    let summary: String
    /// What it does and leaves behind, for somebody who meets it for the first time.
    let discussion: String
    let options: [Option]
    let perform: @Sendable (Arguments) throws -> ExitStatus

    var name: String { path.joined(separator: " ") }

    static let all: [Command] = [
        .initialise, .run, .check, .backUp, .restore, .continueAfterLoss, .export, .rebuildViews, .rotateKey, .listKeys, .addTimeLock,
        .addRecovery, .addTimestamp, .addAuthority, .addTLS, .retireKey, .restoreKeys, .rehearseKeys, .addUser, .renewToken, .showClock,
        .acceptClock,
    ]
}
