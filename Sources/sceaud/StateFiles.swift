import Linux

/// What a restore needs besides register and envelopes: the configuration and the certificates. Never a private key.
struct StateFiles {
    let configuration: Configuration
    /// The configuration's file.
    let file: String

    /// Into the folder of a mirror's state; what is there is replaced, and stays where it is the same.
    func write(to state: DurableFolder) throws {
        let text = try FileState.read(file, what: "the configuration", max: JSON5.longest)
        // As in a backup: the PIN of a token is kept with the keys.
        if !String(decoding: text, as: UTF8.self).lowercased().contains("pin-value") {
            try put(DataFolder.configuration, text, in: state)
        }
        let keys = try FileCopy.folder(DataFolder.keys, in: state)
        for (name, path) in configuration.certificates {
            let bytes = try FileState.read(path, what: "the certificate", max: DefaultLimits.keyFileBytes)
            try put("\(name).crt", Backup.certificatesAlone(bytes), in: keys)
        }
    }

    private func put(_ name: String, _ bytes: [UInt8], in folder: DurableFolder) throws(LinuxError) {
        if let there = try? folder.readAll(name, max: max(bytes.count, 1)), there == bytes { return }
        try folder.replace(name, with: bytes)
    }
}
