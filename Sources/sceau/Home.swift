import Canonical
import Foundation
import Linux

/// `SCEAU_HOME`: what this tool remembers between two runs, for one person on one machine. Folders 0700, files 0600.
struct Home: Sendable {
    let path: String

    init(environment: [String: String]) throws(CommandError) {
        if let given = environment["SCEAU_HOME"], !given.isEmpty {
            path = given
        } else if let home = environment["HOME"], !home.isEmpty {
            path = home + "/.config/sceau"
        } else {
            throw CommandError(
                "neither SCEAU_HOME nor HOME is set", hint: "give the folder for this tool's memory: SCEAU_HOME=…")
        }
    }

    /// The folder, made if need be.
    func folder() throws(LinuxError) -> DurableFolder {
        var made = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + component
            do { _ = try DurableFolder.make(path: made) } catch  where error.isExisting {}
        }
        return try DurableFolder(path: path + "/.")
    }
}
