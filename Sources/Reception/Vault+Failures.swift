import Canonical
import Linux
public import Procurement
import Records

extension Vault {
    /// What a client is told of an error, or nil where it is none of its business: a bare 500, the cause in the log.
    public func refusal(from error: any Error) -> Refusal? {
        switch error {
        case let refusal as Refusal: refusal
        case let failure as RegisterFailure: Vault.refusal(from: failure)
        case let failure as LinuxError where failure.isNoSpace: Refusal(.storage)
        case VaultFailure.stopping: Refusal(.stopping)
        default: nil
        }
    }

    private static func refusal(from failure: RegisterFailure) -> Refusal? {
        switch failure {
        case .full: Refusal(.storage)
        case .busy, .overloaded: Refusal(.busy)
        case .stopping: Refusal(.stopping)
        case .mirror: Refusal(.mirror)
        default: nil
        }
    }

    /// Whether a deposit would find all it needs: the register answers, the disk has room.
    public func checkReady() throws {
        try checkMirror()
        _ = try register.read { try $0.holder() }
        let room = try envelopes.room()
        guard room.free > limits.registerReserve else { throw Refusal(.storage) }
    }
}
