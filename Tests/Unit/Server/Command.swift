import Foundation
import Linux

/// A program of the system, run to its end.
enum Command {
    struct Result {
        let status: Int32
        let output: String
        let errors: String
    }

    static func run(_ arguments: String..., input: String? = nil) throws -> Result {
        try start(arguments, input: input).wait()
    }

    static func start(_ arguments: [String], input: String? = nil) throws -> Running {
        try Running(arguments, input: input)
    }

    final class Running {
        private let process = Process()
        private let output: [String]

        init(_ arguments: [String], input: String?) throws {
            // Files, not pipes: a full pipe would make the program wait for us.
            let folder = NSTemporaryDirectory() + "sceau-command-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            output = ["\(folder)/in", "\(folder)/out", "\(folder)/err", folder]
            try (input ?? "").write(toFile: output[0], atomically: false, encoding: .utf8)
            for file in output[1...2] { _ = FileManager.default.createFile(atPath: file, contents: nil) }
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = arguments
            process.standardInput = FileHandle(forReadingAtPath: output[0])
            process.standardOutput = FileHandle(forWritingAtPath: output[1])
            process.standardError = FileHandle(forWritingAtPath: output[2])
            try process.run()
        }

        func wait() throws -> Result {
            process.waitUntilExit()
            defer { try? FileManager.default.removeItem(atPath: output[3]) }
            func text(_ file: String) throws -> String {
                String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
            }
            return Result(status: process.terminationStatus, output: try text(output[1]), errors: try text(output[2]))
        }
    }
}
