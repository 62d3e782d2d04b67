import Foundation
import Rehearsal
import Testing

@Suite struct StyleTests {
    /// A file of 400 lines is asking to be two.
    @Test func filesAreShort() throws {
        for file in try SourceFile.all(under: "Sources") + SourceFile.all(under: "Tests") {
            #expect(file.lines.count <= 400, "\(file.path)")
        }
    }

    @Test func namesSayWhatIsInside() throws {
        for file in try SourceFile.all(under: "Sources") + SourceFile.all(under: "Tests") {
            let name = file.path.split(separator: "/").last ?? ""
            #expect(!name.contains(#/Util|Common|Helper|Manager/#), "\(file.path)")
        }
    }

    /// An error of a client must never end the daemon: nothing is forced in what ships.
    @Test func nothingIsForced() throws {
        for file in try SourceFile.all(under: "Sources") {
            #expect(!file.code.contains(#/\btry!|\bas!/#), "\(file.path)")
        }
    }

    /// What stands at the top is what a newcomer reads first.
    @Test func theTopHoldsNothingElse() throws {
        let allowed: Set = [
            "Package.swift", "Sources", "Tests", "Keys", "Deploy", "README.md", ".gitignore", ".ci",
        ]
        let found = Set(try Checkout.files().compactMap { $0.split(separator: "/").first.map(String.init) })
        #expect(found.subtracting(allowed) == [])
    }

    @Test func noPackageIsTrusted() throws {
        let manifest = try String(contentsOfFile: Checkout.path("Package.swift"), encoding: .utf8)
        #expect(!manifest.contains(".package("))
    }

    /// Every script says which shell reads it, may be executed, and that shell can parse it.
    @Test func scriptsParse() throws {
        let scripts = try Checkout.files().filter {
            ($0.hasPrefix("Deploy/") || $0.hasPrefix(".ci/") || $0.hasPrefix("Tests/Load/")) && !$0.contains(".")
                || $0 == ".ci/run"
        }
        #expect(scripts.contains("Deploy/test") && scripts.contains(".ci/run"))
        for script in scripts {
            let path = Checkout.path(script)
            let first = try String(contentsOfFile: path, encoding: .utf8).prefix { $0 != "\n" }
            let shell = first == "#!/bin/sh" ? "sh" : "bash"
            #expect(["#!/bin/sh", "#!/usr/bin/env bash"].contains(first), "\(script)")
            #expect(FileManager.default.isExecutableFile(atPath: path), "\(script)")
            #expect(try Shell.run(shell, ["-n", path]).status == 0, "\(script)")
        }
    }
}
