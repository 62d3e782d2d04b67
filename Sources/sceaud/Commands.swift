extension Command {
    static let initialise = Command(
        path: ["init"], summary: "make a data folder, with keys, register and configuration",
        discussion: "X", options: [
            Option("data", "DIR", .required, "the folder to make; it must be empty or not exist"),
            Option("name", "NAME", .required, "the public body that runs this vault, as bidders will read it"),
            Option("host", "NAME", .repeatable, "a DNS name or address that the TLS certificate names (default: localhost, 127.0.0.1, ::1)"),
            Option("listen", "ADDR:PORT", .repeatable, "what `run` listens to"),
            Option("recovery", "FILE", .optional, "x"),
            Option("no-recovery", nil, .optional, "x"),
        ]
    ) { _ in .done }
    static let run = Command(path: ["run"], summary: "s", discussion: "d", options: [.configuration]) { _ in .done }
    static let check = Command(path: ["check"], summary: "s", discussion: "d", options: [.configuration]) { _ in .done }
    static let addUser = Command(path: ["admin", "user", "add"], summary: "s", discussion: "d", options: [.configuration]) { _ in .done }
}
