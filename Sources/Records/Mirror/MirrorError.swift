public import Procurement

/// Why a mirror is not brought up, and never overwritten: only a person can say which of the two is right.
public enum MirrorError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The register lacks what the mirror has.
    case longer(Log, register: Int64, mirror: Int64)
    /// Neither is the beginning of the other.
    case different(Log)
    /// Of another vault, or no mirror at all.
    case stranger(String)
    case damaged(String)
    /// Another process has it.
    case inUse
    /// More was committed while it was copied than is kept in memory.
    case overtaken

    public var description: String {
        switch self {
        case .longer(let log, let register, let mirror):
            "the mirror's log \(log.rawValue) has \(mirror) events, the register \(register): the register has lost something"
        case .different(let log): "the mirror's log \(log.rawValue) is not that of this register"
        case .stranger(let what): "the mirror's folder holds \(what)"
        case .damaged(let what): "the mirror does not hold: \(what)"
        case .inUse: "another process uses the mirror"
        case .overtaken: "more was committed during the copy than can be kept for it"
        }
    }
}
