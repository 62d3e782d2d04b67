import Foundation
import Linux

/// New files of this tool: 0600, durable, and never over something that is there.
enum OutputFile {
    static func create(_ path: String, _ bytes: Span<UInt8>) throws(CommandError) {
        let url = URL(fileURLWithPath: path)
        do {
            // With "/." a link to a folder is followed: the person named it.
            let folder = try DurableFolder(path: url.deletingLastPathComponent().path + "/.")
            var file = try folder.create(url.lastPathComponent)
            do {
                try file.write(all: bytes)
                try file.sync()
                try folder.sync()
            } catch {
                try? folder.unlink(url.lastPathComponent)
                throw error
            }
        } catch let error as LinuxError {
            throw failure(error, path)
        } catch {
            throw CommandError("cannot write '\(path)'")
        }
    }

    static func create(_ path: String, _ text: String) throws(CommandError) { try create(path, Array(text.utf8).span) }

    static func failure(_ error: LinuxError, _ path: String) -> CommandError {
        if error.isExisting {
            return CommandError(
                "'\(path)' exists already", hint: "it is not overwritten: choose another name or move it away")
        }
        if error.isMissing { return CommandError("there is no folder for '\(path)'", hint: "make it first: mkdir -p") }
        return CommandError("cannot write '\(path)': \(error)")
    }
}
