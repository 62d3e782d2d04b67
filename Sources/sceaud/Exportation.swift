import Canonical
import Evidence
import Foundation
import Linux
import OpenSSL
import Procurement
import Records

/// `sceaud export`: what an auditor's tool reads, as plain files in a new folder. Verified as it stands in the data folder,
/// written, and read back.
struct Exportation {
    let configuration: Configuration
    let target: String

    struct Result {
        let report: Report
        let files: Int
        let bytes: Int64
    }

    /// A live data folder, verified as an export of it would be.
    static func verify(_ data: DataFolder) throws -> Report {
        let envelopes = try data.folder(DataFolder.envelopes)
        return try Register.inspect(data: data.path) { read in
            var report = Report()
            try read { snapshot in
                var verifier = ExportVerifier(try LiveExport(snapshot, instance: data.instance.id, envelopes: envelopes))
                report = verifier.verify()
            }
            return report
        }
    }

    func run() throws -> Result {
        let data = try DataFolder(configuration.data)
        let folder: DurableFolder
        do { folder = try DurableFolder.make(path: target) } catch {
            throw DaemonError("\(target) cannot be made: \(error)", hint: "an export is written into a new folder only")
        }
        let envelopes = try data.folder(DataFolder.envelopes)
        return try Register.inspect(data: data.path) { read in
            var result: Result?
            try read { snapshot in
                let live = try LiveExport(snapshot, instance: data.instance.id, envelopes: envelopes)
                var verifier = ExportVerifier(live)
                let report = verifier.verify()
                var files = 0
                var bytes: Int64 = 0
                for path in try live.paths() {
                    bytes += try write(path, from: live, in: folder)
                    files += 1
                }
                result = Result(report: report, files: files, bytes: bytes)
            }
            guard let result else { throw DaemonError("the register was not read") }
            return result
        }
    }

    private func write(_ path: String, from live: LiveExport, in top: DurableFolder) throws -> Int64 {
        var folder = top
        let parts = path.split(separator: "/").map(String.init)
        for name in parts.dropLast() { folder = try FileCopy.folder(name, in: folder) }
        let name = parts[parts.count - 1]
        var file = try folder.create(name)
        var hash = try SHA256()
        var offset: Int64 = 0
        while true {
            let bytes = try live.read(path, at: offset, max: 1 << 20)
            if bytes.isEmpty { break }
            hash.update(bytes.span)
            try file.write(all: bytes)
            offset += Int64(bytes.count)
        }
        try file.sync()
        guard try FileCopy.digest(name, in: folder).sha256 == Digest(hash.finish()) else {
            throw DaemonError("\(path) does not read back as it was written", hint: "is the disk sound?")
        }
        return offset
    }
}
