extension DurableFolder {
    /// Copies a file that never changes from another folder, under the same name: it is whole and synced under that name, or not
    /// there. This folder is left for the caller to sync.
    public func copy(_ name: String, from source: DurableFolder) throws(LinuxError) {
        let file = try source.open(name)
        let temporary = Self.temporary(name)
        try unlinkIfThere(temporary)  // of a run that was killed
        var copy = try create(temporary)
        var offset: Int64 = 0
        while true {
            let bytes = try file.read(at: offset, max: 1 << 20)
            if bytes.isEmpty { break }
            try copy.write(all: bytes)
            offset += Int64(bytes.count)
        }
        try copy.sync()
        copy.forget()
        file.forget()
        try rename(temporary, to: name)
    }
}
