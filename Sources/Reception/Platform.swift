public import Canonical
public import Merkle

/// Who this vault is.
public struct Platform: Sendable {
    public let instance: Identifier
    /// Those whose cosignatures of the logs' checkpoints are kept.
    public let witnesses: [VerifierKey]

    public init(instance: Identifier, witnesses: [VerifierKey] = []) {
        self.instance = instance
        self.witnesses = witnesses
    }
}
