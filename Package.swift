// swift-tools-version: 6.2
import PackageDescription

/// Settings of every target: language mode 6, no implicit public imports, no bare existential, no warning left.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// Settings of the targets that touch C: each unsafe expression must say so, so that grep lists the trusted base.
let strictC: [SwiftSetting] = strict + [.strictMemorySafety()]

let package = Package(
    name: "sceau",
    products: [
        .executable(name: "sceaud", targets: ["sceaud"]),
        .executable(name: "sceau", targets: ["sceau"]),
    ],
    targets: [
        // C, behind one importer each.
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "Linux", dependencies: ["CLinux"], swiftSettings: strictC),
        .target(name: "OpenSSL", dependencies: ["COpenSSL"], swiftSettings: strictC),
        .target(name: "SQLite", dependencies: ["CSQLite"], swiftSettings: strictC),

        // Rules and formats, without I/O.
        .target(name: "Canonical", swiftSettings: strict),
        .target(name: "HTTP", swiftSettings: strict),
        .target(name: "Procurement", dependencies: ["Canonical"], swiftSettings: strict),
        .target(name: "Merkle", dependencies: ["OpenSSL", "Canonical"], swiftSettings: strict),
        .target(name: "Sealing", dependencies: ["OpenSSL", "Canonical"], swiftSettings: strict),
        .target(
            name: "Evidence", dependencies: ["Sealing", "Procurement", "Merkle", "OpenSSL", "Canonical"], swiftSettings: strict),

        // What keeps, receives, serves.
        .target(
            name: "Records",
            dependencies: ["SQLite", "Merkle", "OpenSSL", "Linux", "Canonical", "Procurement"], swiftSettings: strict),
        .target(
            name: "Reception",
            dependencies: ["Records", "Evidence", "Merkle", "Sealing", "Procurement", "Linux", "OpenSSL", "Canonical"],
            swiftSettings: strict),
        .target(name: "Server", dependencies: ["HTTP", "OpenSSL", "Linux"], swiftSettings: strict),
        .target(name: "Client", dependencies: ["HTTP", "OpenSSL", "Linux"], swiftSettings: strict),
        .target(
            name: "Portal", dependencies: ["HTTP", "Procurement", "Reception", "Evidence", "Merkle", "Sealing", "OpenSSL", "Canonical"],
            swiftSettings: strict),

        // The daemon and the tool.
        .executableTarget(
            name: "sceaud",
            dependencies: [
                "Evidence",
                "Portal", "Server", "Client", "Reception", "Records", "Merkle", "Sealing", "Procurement", "HTTP", "Linux",
                "OpenSSL", "Canonical",
            ], swiftSettings: strict),
        .executableTarget(
            name: "sceau",
            dependencies: ["Client", "Evidence", "Merkle", "Sealing", "Procurement", "HTTP", "Linux", "OpenSSL", "Canonical"],
            swiftSettings: strict),

        // Tests: rules and parsers; the real binaries; faults; figures.
        .testTarget(name: "CanonicalTests", dependencies: ["Canonical"], path: "Tests/Unit/Canonical", swiftSettings: strict),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP"], path: "Tests/Unit/HTTP", swiftSettings: strict),
        .testTarget(
            name: "LinuxTests", dependencies: ["Linux"], path: "Tests/Unit/Linux", swiftSettings: strict),
        .testTarget(
            name: "OpenSSLTests", dependencies: ["OpenSSL"], path: "Tests/Unit/OpenSSL", swiftSettings: strict),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite"], path: "Tests/Unit/SQLite", swiftSettings: strict),
        .testTarget(
            name: "ClientTests", dependencies: ["Client", "HTTP", "OpenSSL", "Linux"], path: "Tests/Unit/Client",
            swiftSettings: strict),
        .testTarget(
            name: "SceauTests", dependencies: ["sceau", "Evidence", "Merkle", "Sealing", "Procurement", "OpenSSL", "Canonical", "Linux"],
            path: "Tests/Unit/Sceau", swiftSettings: strict),
        .testTarget(
            name: "ProcurementTests", dependencies: ["Procurement", "Canonical"], path: "Tests/Unit/Procurement",
            exclude: ["Vectors"], swiftSettings: strict),
        .testTarget(
            name: "SealingTests", dependencies: ["Sealing", "OpenSSL", "Canonical"], path: "Tests/Unit/Sealing",
            swiftSettings: strict),
        .testTarget(
            name: "MerkleTests", dependencies: ["Merkle", "OpenSSL", "Canonical"], path: "Tests/Unit/Merkle",
            exclude: ["Vectors"], swiftSettings: strict),
        .testTarget(
            name: "EvidenceTests",
            dependencies: ["Evidence", "Merkle", "Sealing", "Procurement", "OpenSSL", "Canonical"],
            path: "Tests/Unit/Evidence", swiftSettings: strict),
        .testTarget(
            name: "RecordsTests",
            dependencies: ["Records", "Merkle", "SQLite", "CSQLite", "Procurement", "Canonical", "Linux", "OpenSSL"],
            path: "Tests/Unit/Records", swiftSettings: strict),
        .testTarget(
            name: "ServerTests", dependencies: ["Server", "Client", "HTTP", "OpenSSL", "Linux"],
            path: "Tests/Unit/Server", swiftSettings: strict),
        .testTarget(
            name: "ReceptionTests",
            dependencies: [
                "Portal", "HTTP", "Reception", "Records", "Evidence", "Merkle", "Sealing", "Procurement", "Linux", "OpenSSL",
                "SQLite", "Canonical",
            ],
            path: "Tests/Unit/Reception", swiftSettings: strict),
        .testTarget(
            name: "PortalTests", dependencies: ["Portal", "Merkle", "Reception", "Procurement", "HTTP", "Canonical"],
            path: "Tests/Unit/Portal", swiftSettings: strict),
        .testTarget(
            name: "ProjectTests", dependencies: ["Rehearsal"], path: "Tests/Unit/Project", swiftSettings: strict),
        .testTarget(
            name: "SceaudTests",
            dependencies: ["sceaud", "Records", "SQLite", "Merkle", "Evidence", "Sealing", "Procurement", "Linux", "OpenSSL", "Canonical"],
            path: "Tests/Unit/Sceaud",
            swiftSettings: strict),
        .target(
            name: "Rehearsal", dependencies: ["Sealing", "OpenSSL", "SQLite", "Canonical"], path: "Tests/Rehearsal", swiftSettings: strict),
        .testTarget(
            name: "Transcripts", dependencies: ["Rehearsal", "Merkle", "Sealing", "OpenSSL", "SQLite", "Canonical", "sceau", "sceaud"],
            path: "Tests/Transcripts", swiftSettings: strict),
        .testTarget(
            name: "Faults",
            dependencies: [
                "Rehearsal", "Records", "Procurement", "Sealing", "OpenSSL", "Linux", "Canonical", "sceau", "sceaud",
            ], path: "Tests/Faults", exclude: ["many"], swiftSettings: strict),
        .executableTarget(
            name: "load", dependencies: ["Records", "Merkle", "Procurement", "OpenSSL", "Linux", "Canonical"], path: "Tests/Load", exclude: ["bench", "crowd", "openings"],
            swiftSettings: strict),
    ]
)
