/// What the host's operator is told when a command ends badly: a sentence, what to do, and the exit status.
///
/// Names files and keys of the configuration, never a secret, a person or a document.
struct DaemonError: Error, Equatable {
    let message: String
    let hint: String?
    let status: ExitStatus

    init(_ message: String, hint: String? = nil, status: ExitStatus = .failed) {
        self.message = message
        self.hint = hint
        self.status = status
    }

    static func usage(_ message: String, hint: String? = nil) -> DaemonError {
        DaemonError(message, hint: hint, status: .usage)
    }
}
