public import Procurement

/// Why a register does not open. The daemon does not start on it: what was acknowledged may be at stake, and only a
/// person can say which copy is right.
public enum RegisterError: Error, Sendable, CustomStringConvertible {
    /// No `instance.json`: only `sceaud init` makes a data folder.
    case missing(String)
    case unreadable(_ what: String, _ reason: String)
    case newer(_ what: String, found: Int64, known: Int64)
    case older(_ what: String, found: Int64, known: Int64)
    /// The truncating checkpoint failed: what the register shows may not be on the disk.
    case notDurable(String)
    /// An event is missing, altered or out of place.
    case broken(Log, position: Int64)
    /// The register's signed head is not that of its tree.
    case head(Log)
    /// The key given for a log is not the one that its current generation names.
    case key(Log)
    /// The high-water mark is of another instance.
    case stranger
    case shorter(Log, register: Int64, mark: Int64)
    /// Longer than a crash between commit and mark can leave.
    case longer(Log, register: Int64, mark: Int64)
    /// Long enough, but not a continuation of what the mark stands for.
    case different(Log, position: Int64)

    public var description: String {
        switch self {
        case .missing(let path): "\(path) is missing: make a data folder with `sceaud init`, or name the right one"
        case .unreadable(let what, let reason): "the \(what) cannot be read: \(reason)"
        case .newer(let what, let found, let known):
            "the \(what) is of version \(found), newer than this program's \(known): use the newer program"
        case .older(let what, let found, let known):
            "the \(what) is of version \(found), older than this program's \(known), which cannot read it: keep it with the program that made it"
        case .notDurable(let reason): "the register cannot be brought to the disk: \(reason)"
        case .broken(let log, let position): "event \(position) of the log \(log.rawValue) is missing or altered"
        case .head(let log): "the signed head of the log \(log.rawValue) is not that of its tree"
        case .key(let log):
            """
            the key given for the log \(log.rawValue) is not the one that this log names: bring back the right one, \
            or the one that a rotation made
            """
        case .stranger: "the high-water mark is that of another instance"
        case .shorter(let log, let register, let mark):
            """
            the log \(log.rawValue) has \(register) events, but \(mark) had been acknowledged: this register is an \
            older copy, or was cut short; bring back the right one
            """
        case .longer(let log, let register, let mark):
            """
            the log \(log.rawValue) has \(register) events and its high-water mark \(mark), more than a crash leaves: \
            the mark is an older copy, or another program wrote to the register
            """
        case .different(let log, let position):
            "the log \(log.rawValue) is not the one whose first \(position) events had been acknowledged"
        }
    }
}
