/// An option of a command. Without `value` it is a switch.
struct Option: Sendable {
    let name: String
    /// What stands for the value in the help: `FILE`.
    let value: String?
    let help: String
    let isRequired: Bool
    /// May be given several times, or once with several values after it.
    let isList: Bool

    private init(_ name: String, _ value: String?, _ help: String, isRequired: Bool = false, isList: Bool = false) {
        self.name = name
        self.value = value
        self.help = help
        self.isRequired = isRequired
        self.isList = isList
    }

    static func required(_ name: String, _ value: String, _ help: String) -> Option {
        Option(name, value, help, isRequired: true)
    }
    static func optional(_ name: String, _ value: String, _ help: String) -> Option { Option(name, value, help) }
    static func list(_ name: String, _ value: String, _ help: String) -> Option {
        Option(name, value, help, isRequired: true, isList: true)
    }
    /// Any number of them, none too.
    static func several(_ name: String, _ value: String, _ help: String) -> Option {
        Option(name, value, help, isList: true)
    }
    static func flag(_ name: String, _ help: String) -> Option { Option(name, nil, help) }
}

/// An operand: an argument that is known by its place.
struct Operand: Sendable {
    let name: String
    let help: String
    /// All that follow, none too: the last operand of a command only.
    var isList = false
    /// May be left out: the last operand of a command only.
    var isOptional = false
}

/// One command of the tool, declared: what it takes, what it says of itself, what it does.
struct Command: Sendable {
    /// `["consultation", "seal"]`.
    let path: [String]
    let summary: String
    /// What it does, checks and leaves behind, for somebody who meets it for the first time.
    let discussion: String
    var operands: [Operand] = []
    var options: [Option] = []
    let run: @Sendable (Invocation) throws(CommandError) -> Outcome

    var name: String { path.joined(separator: " ") }
}

extension Command {
    /// Options that every command takes, before or after its name.
    static let common: [Option] = [
        .optional("url", "URL", "the daemon, as https://HOST[:PORT] (or SCEAU_URL)"),
        .optional("ca", "FILE", "PEM certificates that may vouch for the daemon, and no others (or SCEAU_CA)"),
        .optional("token-file", "FILE", "your token (or SCEAU_TOKEN_FILE)"),
        .flag("help", "this text"),
    ]

    /// `--json`, for the commands whose answer a program may read.
    static let json = Option.flag("json", "the answer as JSON on stdout")

    static let all: [Command] = [
        .keyNew, .keyReadPaper, .keyCheck,
        .committeeSet, .committeeReplace, .committeeShow, .committeeList,
        .consultationCreate, .consultationSeal, .consultationPublish, .consultationAddKeys, .consultationExtend,
        .consultationReopen, .consultationWaive, .consultationDisclose, .consultationAdmit, .consultationArchive,
        .shareAccept, .shareApprove, .shareRenew,
        .bidDeposit, .bidSeal, .bidSend, .bidWithdraw, .bidIntent, .bidDrafts, .notices, .receipt, .receiptPresent,
        .open,
        .verify,
    ]
}
