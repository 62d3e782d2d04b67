import Foundation

extension Command {
    static let initialise = Command(
        path: ["init"], summary: "make a data folder: keys, register, configuration",
        discussion: """
            Makes DIR with everything that a vault is: time-lock and TLS keys with self-signed certificates, a time-stamping authority, log keys, an empty register,
            sceaud.json5. Prints the token of the first admin, shown this once: the register keeps its digest. Further users are
            added by `sceaud admin user add`.
            """,
        options: [
            Option("data", "DIR", .required, "the folder to make; it may exist if it is empty"),
            Option("name", "NAME", .required, "the public body that runs this vault, as bidders will read it"),
            Option("host", "NAME", .repeatable, "a DNS name or address for the TLS certificate (default: localhost, 127.0.0.1, ::1)"),
            Option("listen", "ADDR:PORT", .repeatable, "what `run` will listen to (default: 127.0.0.1:8443)"),
            Option("recovery", "FILE", .optional, "certificate (PEM, P-256) of a key kept offline, that opens if this host is lost"),
            Option("no-recovery", nil, .optional, "do without: if the time-lock key is lost, nothing opens any more"),
        ]
    ) { arguments in
        try answer(Initialisation(arguments).run())
    }

    static let run = Command(
        path: ["run"], summary: "run the daemon in the foreground",
        discussion: """
            Serves until SIGTERM or SIGINT, which let requests under way end (at most \(DefaultLimits.stopSeconds) s) and commit; exits 0. SIGHUP
            reads TLS certificate, connection limits and log level again. Writes "listening on ADDR:PORT" on stderr when
            ready, and nothing on stdout. Takes the sockets of systemd where it gives some, and tells it when ready.
            """,
        options: [
            .configuration,
            Option("listen", "ADDR:PORT", .repeatable, "in place of the configuration's; port 0 picks a free one"),
        ]
    ) { arguments in
        try Daemon(arguments).run()
    }

    static let check = Command(
        path: ["check"], summary: "verify a data folder, also beside a running daemon",
        discussion: """
            Reads keys, register and every envelope, and compares: events with trees, signed heads and the high-water mark, views with
            events, each file of each bid with the seal in its event. One line on stdout for each check that holds ("ok: …")
            and for each thing that does not ("does not hold: …"). Exit status 0 only if all holds, 3 if something does not.
            Repairs nothing.
            """,
        options: [.configuration]
    ) { arguments in
        var examination = Examination(try Configuration.read(arguments.required("config"))) { line in
            FileHandle.standardOutput.write(Data((line + "\n").utf8))
        }
        try examination.run()
        return examination.holds ? .done : .unsound
    }

    static let rotateKey = Command(
        path: ["key", "rotate"], summary: "give a log a new key",
        discussion: """
            Makes a new key for a log and begins a new generation of it: the last leaf under the old key names the new one, the
            first under the new key quotes the old one's last checkpoint. Prints the new public key, to be published. The old
            private key is removed. With or without the daemon; no upload is dropped. Cut short at any moment, run it again.
            """,
        options: [.configuration, Option("log", "LOG", .required, "real or training")]
    ) { arguments in
        let key = try KeyActs.rotate(arguments)
        FileHandle.standardOutput.write(Data("\(key)\n".utf8))
        return .done
    }

    static let addUser = Command(
        path: ["admin", "user", "add"], summary: "add a user and print its token",
        discussion: """
            Adds a user with one role and prints its token, shown this once: the register keeps its digest. Works beside a
            running daemon (through its own socket in the data folder) and without one.
            """,
        options: [
            .configuration,
            Option("name", "NAME", .required, "the person"),
            Option("role", "ROLE", .required, "operator, admin, buyer, validator, opener, auditor or bidder"),
            Option("account", "NAME", .optional, "the body or company it belongs to, made where it is new (default: this vault's own; a bidder needs one)"),
            Option("siret", "NUMBER", .optional, "the SIRET of a new account"),
        ]
    ) { arguments in
        try answer(UserAddition(arguments).run())
    }

    static let renewToken = Command(
        path: ["admin", "token", "renew"], summary: "give a user a new token, and end the one before",
        discussion: """
            Prints the new token, shown this once: the register keeps its digest. The user's tokens before end at once, or after the grace that is
            given, so that whoever uses them can change over. With or without the daemon.
            """,
        options: [
            .configuration,
            Option("name", "NAME", .required, "the person"),
            Option("account", "NAME", .optional, "its account, where several have a user of that name"),
            Option("grace-hours", "N", .optional, "hours that the tokens before stay good (default 0, at most 720)"),
        ]
    ) { arguments in
        try answer(TokenRenewal(arguments).run())
    }

    /// A secret for whoever called, alone on stdout.
    private static func answer(_ token: String) throws(DaemonError) -> ExitStatus {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data((token + "\n").utf8))
            return .done
        } catch {
            throw DaemonError("the token could not be written to stdout, and is lost", hint: "add another user")
        }
    }
}
