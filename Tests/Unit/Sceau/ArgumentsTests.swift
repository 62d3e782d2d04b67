import Testing

@testable import sceau

private let sample: [Command] = [
    Command(
        path: ["bid", "deposit"], summary: "deposit", discussion: "About depositing.",
        operands: [.consultation, Operand(name: "FILE", help: "the file")],
        options: [
            .optional("bid-code-file", "FILE", "code"), .list("member", "CERT", "certificates"),
            .flag("training", "exercise"),
        ], run: { (_) throws(CommandError) in .done }),
    Command(
        path: ["bid", "seal"], summary: "seal", discussion: "", options: [.required("key", "FILE", "key")],
        run: { (_) throws(CommandError) in .done }),
    Command(path: ["open"], summary: "open", discussion: "", run: { (_) throws(CommandError) in .done }),
]

private func read(_ line: String) throws(CommandError) -> Arguments.Request {
    try Arguments.read(line.split(separator: " ").map(String.init), commands: sample)
}

private func arguments(_ line: String) throws -> Arguments {
    guard case .run(let arguments) = try read(line) else { throw CommandError("help") }
    return arguments
}

private func complaint(_ line: String) -> CommandError? {
    do {
        _ = try read(line)
        return nil
    } catch { return error }
}

@Suite struct ArgumentsTests {
    @Test func operandsAndOptionsStandInAnyOrder() throws {
        for line in [
            "bid deposit abc offer.zip --member a b --member c --training --url u",
            "--url u bid deposit --training abc offer.zip --member a b --member c",
            "--url=u bid deposit abc --member=a --member b c --training -- offer.zip",
        ] {
            let read = try arguments(line)
            #expect(read.command.path == ["bid", "deposit"])
            #expect(read.operands == ["ID": "abc", "FILE": "offer.zip"])
            #expect(read.values["member"] == ["a", "b", "c"])
            #expect(read.values["url"] == ["u"])
            #expect(read.values["training"] == [])
        }
    }

    @Test func afterTwoHyphensEverythingIsAnOperand() throws {
        #expect(try arguments("bid deposit --member a -- abc --training").operands["FILE"] == "--training")
    }

    @Test(arguments: [
        ("", "no command given"),
        ("bid", "'sceau bid' needs one more word: deposit, seal"),
        ("bif deposit", "there is no command 'bif'"),
        ("bid desposit x", "there is no command 'bid desposit'"),
        ("bid deposit abc offer.zip more --member a", "'more' is one argument too many"),
        ("bid deposit abc --member", "--member needs a value: CERT"),
        ("bid deposit abc --bid-code-file --training", "--bid-code-file needs a value: FILE"),
        ("bid deposit abc", "FILE is missing: the file"),
        ("bid deposit abc offer.zip", "--member is missing: certificates"),
        ("bid deposit abc offer.zip --member a --bid-code-file x --bid-code-file y", "--bid-code-file is given twice"),
        ("bid deposit abc offer.zip --training=yes --member a", "--training takes no value"),
        ("bid deposit abc offer.zip -x", "'sceau bid deposit' has no option '-x'"),
        ("--key k open", "'sceau' has no option '--key'"),
        ("bid seal", "--key is missing: key"),
    ])
    func mistakesAreNamed(line: String, message: String) {
        let complaint = complaint(line)
        #expect(complaint?.message == message)
        #expect(complaint?.outcome == .usage)
        #expect(complaint?.hint != nil || message.hasPrefix("--") || message.contains("takes no"))
    }

    @Test(arguments: [
        ("bif deposit", "did you mean 'sceau bid'?"), ("bid desposit x", "did you mean 'sceau bid deposit'?"),
        ("bid deposit --bid-code-fiel x", "did you mean --bid-code-file?"), ("opne", "did you mean 'sceau open'?"),
        ("bid frobnicate", "sceau bid --help lists what there is"),
        ("bid deposit --frobnicate", "sceau bid deposit --help lists them"),
    ])
    func slipsAreGuessed(line: String, hint: String) { #expect(complaint(line)?.hint == hint) }

    @Test(
        arguments: [
            ("--help", []), ("help", []), ("-h", []), ("bid --help", ["bid"]),
            ("bid deposit --help", ["bid", "deposit"]),
            ("help bid deposit", ["bid", "deposit"]), ("bid deposit abc --help", ["bid", "deposit"]),
            ("--url u bid deposit --member a --help", ["bid", "deposit"]), ("help nonsense", []),
        ] as [(String, [String])])
    func helpIsEverywhere(line: String, path: [String]) throws {
        guard case .help(let asked) = try read(line) else {
            Issue.record("no help for \(line)")
            return
        }
        #expect(asked == path)
    }
}

@Suite struct HelpTests {
    @Test func everyCommandExplainsItself() {
        for command in Command.all {
            let text = Help.text(for: command.path)
            #expect(text.hasPrefix("usage: sceau \(command.name)"))
            for option in command.options + Command.common { #expect(text.contains("--" + option.name)) }
            for operand in command.operands { #expect(text.contains("  \(operand.name)")) }
            #expect(command.discussion.count > 80, "\(command.name)")
            // The first line may be long: it is copied, not read.
            for line in text.split(separator: "\n").dropFirst() { #expect(line.count <= 80, "\(line)") }
        }
    }

    @Test func theListNamesEachCommandAndStatus() {
        let text = Help.text(for: [])
        for command in Command.all { #expect(text.contains("sceau \(command.name) ")) }
        for status in ["0  done", "2  the command line", "3  open:", "4  refused"] { #expect(text.contains(status)) }
    }

    @Test func commandsAndOptionsHaveOneMeaning() {
        #expect(Set(Command.all.map(\.name)).count == Command.all.count)
        for command in Command.all {
            let names = (command.options + Command.common).map(\.name)
            #expect(Set(names).count == names.count, "\(command.name)")
        }
    }
}
