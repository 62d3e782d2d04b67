import Testing

/// The graph of targets that the design draws, held where SwiftPM does not: it checks that a dependency exists, not that it may.
@Suite struct ArchitectureTests {
    @Test(arguments: [("COpenSSL", "OpenSSL"), ("CSQLite", "SQLite"), ("CLinux", "Linux")])
    func oneImporter(library: String, owner: String) throws {
        let importers = try SourceFile.all(under: "Sources").filter { $0.imports.contains(library) }
        #expect(!importers.isEmpty)
        #expect(importers.filter { $0.target != owner }.map(\.path) == [])
    }

    /// What each of these may import of this package. The server knows nothing of bids; rules and formats do no I/O; the
    /// tool that verifies shares nothing with the stores and the server that it judges.
    @Test(arguments: [
        ("Linux", ["CLinux"]), ("OpenSSL", ["COpenSSL", "Linux"]), ("SQLite", ["CSQLite"]), ("Canonical", []), ("HTTP", []),
        ("Procurement", ["Canonical"]), ("Merkle", ["OpenSSL", "Canonical"]), ("Sealing", ["OpenSSL", "Canonical"]),
        ("Server", ["HTTP", "OpenSSL", "Linux"]),
        ("Evidence", ["Sealing", "Procurement", "Merkle", "OpenSSL", "Canonical"]),
        ("Client", ["HTTP", "OpenSSL", "Linux"]),
        ("sceau", ["Client", "Evidence", "Merkle", "Sealing", "Procurement", "HTTP", "Linux", "OpenSSL", "Canonical"]),
    ])
    func imports(target: String, allowed: [String]) throws {
        let sources = try SourceFile.all(under: "Sources")
        let ours = Set(sources.map(\.target)).union(["CLinux", "COpenSSL", "CSQLite"])
        for file in sources where file.target == target {
            #expect(file.imports.intersection(ours).subtracting(allowed) == [], "\(file.path)")
        }
    }

    @Test func importsAreSeenWhateverStandsBeforeThem() {
        let text = "import A\npublic import B\n@testable import C\n  @preconcurrency internal import struct D.E\n// import F\n"
        #expect(SourceFile(path: "Sources/X/Y.swift", text: text).imports == ["A", "B", "C", "D"])
    }

    /// A module that contains a type of its own name cannot be qualified.
    @Test func noTargetIsNamedAsATypeOfIts() throws {
        for file in try SourceFile.all(under: "Sources") {
            let declares = try Regex(#"\b(?:struct|class|enum|actor|protocol|typealias)\s+\#(file.target)\b"#)
            #expect(file.code.firstMatch(of: declares) == nil, "\(file.path) declares a type named as its target")
        }
    }

    /// Threads and locks of ours, so that what runs where can be read: no queues of Dispatch beside them.
    @Test func noDispatch() throws {
        #expect(try SourceFile.all(under: "Sources").filter { $0.imports.contains("Dispatch") }.map(\.path) == [])
    }

    /// Unsafe memory lies in the targets whose compiler makes each use of it visible.
    @Test func unsafeMemoryHasItsPlace() throws {
        let owners: Set = ["Linux", "OpenSSL", "SQLite"]
        for file in try SourceFile.all(under: "Sources") where !owners.contains(file.target) {
            #expect(!file.code.contains(#/\bUnsafe|\bunsafe\b|withUnsafe/#), "\(file.path)")
        }
    }
}
