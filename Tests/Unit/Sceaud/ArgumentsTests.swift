import Testing

@testable import sceaud

struct ArgumentsTests {
    private func read(_ line: String) throws -> Arguments.Request {
        try Arguments.read(line.split(separator: " ").map(String.init))
    }

    private func error(_ line: String) -> DaemonError? {
        do throws(any Error) {
            _ = try read(line)
            return nil
        } catch {
            return error as? DaemonError
        }
    }

    @Test func optionsAreTaken() throws {
        guard case .run(let command, let arguments) = try read("init --data D --name=N --host a --host b --no-recovery") else {
            Issue.record("not a command")
            return
        }
        #expect(command.path == ["init"])
        #expect(arguments.value("data") == "D")
        #expect(arguments.value("name") == "N")
        #expect(arguments.values("host") == ["a", "b"])
        #expect(arguments.has("no-recovery"))
        #expect(!arguments.has("recovery"))
    }

    @Test(arguments: [
        ("--help", []), ("-h", []), ("help", []), ("help run", ["run"]), ("run --help", ["run"]), ("run --config --help", ["run"]),
        ("admin --help", ["admin"]), ("admin user add -h", ["admin", "user", "add"]), ("nothing --help", []),
        ("run extra --help", ["run"]),
    ] as [(String, [String])])
    func helpIsEverywhere(line: String, path: [String]) throws {
        guard case .help(let found) = try read(line) else {
            Issue.record("not help")
            return
        }
        #expect(found == path)
        #expect(Help.text(for: found).contains("sceaud"))
    }

    @Test(arguments: [
        ("", "no command given", "sceaud admin|backup|check|export|init|key|rebuild-views|restore|run"),
        ("walk", "there is no command 'walk'", "sceaud admin|backup|check|export|init|key|rebuild-views|restore|run"),
        ("admin user", "'sceaud admin user' needs one more word", "sceaud admin user add"),
        ("admin user walk", "there is no command 'admin user walk'", "sceaud admin user add"),
        ("run extra", "there is no command 'run extra'", "sceaud run --help"),
        ("run", "--config is missing", "sceaud run --help"),
        ("run --config", "--config needs a value", "sceaud run --help"),
        ("run --config=", "--config needs a value", "sceaud run --help"),
        ("run --config a --config b", "--config is given twice", "sceaud run --help"),
        ("run --config a --port 1", "'sceaud run' does not take '--port'", "sceaud run --help"),
        ("run --config a b", "'sceaud run' does not take 'b'", "sceaud run --help"),
        ("init --no-recovery=yes", "--no-recovery takes no value", "sceaud init --help"),
    ])
    func aWrongLineIsToldWhatIsWrong(line: String, message: String, hint: String) {
        let error = error(line)
        #expect(error?.message.hasPrefix(message) == true)
        #expect(error?.hint == hint)
        #expect(error?.status == .usage)
    }
}
