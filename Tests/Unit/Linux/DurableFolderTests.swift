import Foundation
import Linux
import Testing

@Suite struct DurableFolderTests {
    @Test func writesAndReadsAFile() throws {
        let temporary = try TemporaryFolder()
        var file = try temporary.folder.create("a")
        try file.write(all: Array("hello ".utf8))
        try file.write(all: Array("world".utf8).span)
        try file.sync()
        try temporary.folder.sync()
        #expect(try file.length() == 11)
        #expect(try file.read(at: 6, max: 100) == Array("world".utf8))
        #expect(try file.read(at: 11, max: 100) == [])
        #expect(try temporary.mode("a") == 0o600)
        #expect(try temporary.folder.readAll("a", max: 11) == Array("hello world".utf8))
        #expect(throws: LinuxError(operation: "read", errno: EFBIG)) { try temporary.folder.readAll("a", max: 10) }
    }

    /// Nothing that exists is ever opened for writing.
    @Test func createsOnlyWhatIsNotThere() throws {
        let temporary = try TemporaryFolder()
        _ = try temporary.folder.create("a")
        #expect { _ = try temporary.folder.create("a") } throws: { ($0 as? LinuxError)?.isExisting == true }
        symlink("\(temporary.path)/nowhere", "\(temporary.path)/link")
        #expect { _ = try temporary.folder.create("link") } throws: { ($0 as? LinuxError)?.isExisting == true }
        #expect(try temporary.folder.list(max: 9) == ["a", "link"])
    }

    /// A link or a pipe planted under an expected name is not followed, and does not make us wait.
    @Test func opensRegularFilesOnly() throws {
        let temporary = try TemporaryFolder()
        symlink("/etc/passwd", "\(temporary.path)/link")
        mkfifo("\(temporary.path)/pipe", 0o600)
        try temporary.folder.makeFolder("folder")
        symlink("folder", "\(temporary.path)/folderlink")
        for name in ["link", "pipe", "folder"] {
            #expect(throws: LinuxError.self) { _ = try temporary.folder.open(name) }
        }
        #expect(throws: LinuxError.self) { try temporary.folder.folder("folderlink") }
        #expect { _ = try temporary.folder.open("none") } throws: { ($0 as? LinuxError)?.isMissing == true }
    }

    @Test(arguments: ["", ".", "..", "a/b", "/a", "../a", "a\0b", String(repeating: "a", count: 256)])
    func aNameIsNeverAPath(name: String) throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.folder
        _ = try folder.create("x")
        let refusal = LinuxError(operation: "name", errno: EINVAL)
        #expect(throws: refusal) { _ = try folder.create(name) }
        #expect(throws: refusal) { _ = try folder.open(name) }
        #expect(throws: refusal) { try folder.folder(name) }
        #expect(throws: refusal) { try folder.makeFolder(name) }
        #expect(throws: refusal) { try folder.unlink(name) }
        #expect(throws: refusal) { try folder.rename("x", to: name) }
        #expect(throws: refusal) { try folder.replace(name, with: []) }
        #expect(throws: refusal) { _ = try folder.lock(name) }
    }

    @Test func replacesWholeFiles() throws {
        let temporary = try TemporaryFolder()
        try temporary.folder.replace("a", with: [1])
        // What a run killed half-way leaves is no obstacle.
        var left = try temporary.folder.create(".a.new")
        try left.write(all: [9, 9, 9])
        try temporary.folder.replace("a", with: [2, 3])
        #expect(try temporary.folder.readAll("a", max: 9) == [2, 3])
        #expect(try temporary.folder.list(max: 9) == ["a"])
        #expect(try temporary.mode("a") == 0o600)
    }

    @Test func foldersAndNames() throws {
        let temporary = try TemporaryFolder()
        let inner = try temporary.folder.makeFolder("inner")
        #expect(try temporary.mode("inner") == 0o700)
        #expect { try temporary.folder.makeFolder("inner") } throws: { ($0 as? LinuxError)?.isExisting == true }
        _ = try temporary.folder.create("a")
        try temporary.folder.rename("a", to: "b", in: inner)
        #expect(try temporary.folder.list(max: 9) == ["inner"])
        #expect(try inner.list(max: 9) == ["b"])
        #expect(try inner.exists("b"))
        #expect(try !inner.exists("a"))
        #expect(throws: LinuxError.self) { try temporary.folder.removeFolder("inner") }
        try inner.unlink("b")
        try temporary.folder.removeFolder("inner")
        #expect(try temporary.folder.list(max: 9) == [])
        for number in 0..<10 { _ = try temporary.folder.create("\(number)") }
        #expect(try temporary.folder.list(max: 10).count == 10)
        #expect(throws: LinuxError(operation: "readdir", errno: EFBIG)) { try temporary.folder.list(max: 9) }
    }

    /// Also between two holders in one process: the lock belongs to the open file.
    @Test func oneHolderOfALock() throws {
        let temporary = try TemporaryFolder()
        do {
            let lock = try temporary.folder.lock("lock")
            #expect { _ = try temporary.folder.lock("lock") } throws: { ($0 as? LinuxError)?.isWouldBlock == true }
            _ = consume lock
        }
        _ = try temporary.folder.lock("lock")
    }

    @Test func tellsItsRoom() throws {
        let space = try TemporaryFolder().folder.freeSpace()
        #expect(space.total > 0)
        #expect(space.bytes > 0 && space.bytes <= space.total)
        #expect(space.inodes > 0)
    }

    @Test func anErrorNamesCallAndNumberOnly() {
        #expect(LinuxError(operation: "openat", errno: ENOENT).description == "openat: No such file or directory (2)")
        #expect(LinuxError(operation: "write", errno: ENOSPC).isNoSpace)
    }
}
