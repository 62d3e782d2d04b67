import Foundation
import Rehearsal

/// A disk of few mebibytes, mounted for one test.
final class SmallDisk {
    private let folder: TemporaryFolder
    var path: String { folder.path("disk") }

    static let isPossible: Bool = {
        guard let disk = try? SmallDisk(mebibytes: 1) else { return false }
        return FileManager.default.fileExists(atPath: disk.path)
    }()

    init(mebibytes: Int) throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path("disk"), withIntermediateDirectories: false)
        try Shell.check("mount", ["-t", "tmpfs", "-o", "size=\(mebibytes)m,mode=0700", "tmpfs", path])
    }

    deinit { _ = try? Shell.run("umount", ["-l", path]) }

    func grow(mebibytes: Int) throws { try Shell.check("mount", ["-o", "remount,size=\(mebibytes)m", path]) }
}
