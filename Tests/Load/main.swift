import Foundation

// The benchmark's own client: figures, never a verdict. `Tests/Load/bench` runs it against the daemon and nginx.
//
//   load deposits --port N --ca FILE --path P --connections 32 --count 3000 --bytes 65536 [--headers FILE]
//       PUTs documents of random bytes over kept connections; a `%` in the path becomes the document's number
//   load crowd --act idle|trickle|rush --port N --ca FILE --path P --tokens FILE --count N --bytes N --seconds S
//       so many connections at once, from many loopback addresses, each with one of the tokens (a line each): it says `ready` once
//       they stand; then count, failed, on time, and of a rush the median, 99th percentile and longest in milliseconds
//   load syncs --folder DIR --count 1000 --bytes 65536
//       a bare loop on one thread: create, write, fsync, fsync the folder
//   load log --folder DIR --count 1000000
//       a register's log grown to so many events: rate, one commit, one proof at 1, 10 and 100 percent of it, and its opening
//
// One line on stdout: count, seconds, rate, and for deposits the median, 99th percentile and longest in milliseconds.

let words = CommandLine.arguments
func option(_ name: String, _ other: String? = nil) -> String {
    if let place = words.firstIndex(of: "--" + name), place + 1 < words.count { return words[place + 1] }
    guard let other else {
        FileHandle.standardError.write(Data("load: error: --\(name) is missing\n".utf8))
        exit(2)
    }
    return other
}
func number(_ name: String, _ other: Int? = nil) -> Int {
    guard let value = Int(option(name, other.map(String.init))), value > 0 else {
        FileHandle.standardError.write(Data("load: error: --\(name) is not a number\n".utf8))
        exit(2)
    }
    return value
}

do {
    switch words.dropFirst().first {
    case "deposits":
        let headers = option("headers", "")
        let fields =
            headers.isEmpty
            ? [] : try String(contentsOfFile: headers, encoding: .utf8).split(separator: "\n").map(String.init)
        let deposits = try Deposits(
            port: UInt16(number("port")), ca: option("ca"), path: option("path"), fields: fields,
            bytes: number("bytes", 65536))
        print(try deposits.run(count: number("count", 3000), connections: number("connections", 32)))
    case "crowd":
        guard let act = Crowd.Act(rawValue: option("act")) else { fatalError("act") }
        let tokens = option("tokens", "")
        let crowd = try Crowd(
            act, port: UInt16(number("port")), ca: option("ca"), path: option("path", "/"),
            tokens: tokens.isEmpty ? [] : try String(contentsOfFile: tokens, encoding: .utf8).split(separator: "\n").map(String.init),
            count: number("count"), bytes: number("bytes", 65536), seconds: Double(number("seconds", 10)))
        print(try crowd.run {
            print("ready")
            fflush(nil)
        })
    case "syncs":
        print(try BareSyncs(folder: option("folder")).run(count: number("count", 1000), bytes: number("bytes", 65536)))
    case "log":
        print(try LogGrowth(folder: option("folder")).run(count: number("count", 1_000_000)))
    default:
        FileHandle.standardError.write(Data("load: error: it takes `deposits`, `syncs` or `log`; see Tests/Load/main.swift\n".utf8))
        exit(2)
    }
} catch {
    FileHandle.standardError.write(Data("load: error: \(error)\n".utf8))
    exit(1)
}
