public import Canonical
public import Merkle
public import OpenSSL

/// Who this vault is, and the certificates to which every ceremony seals its half.
public struct Platform: Sendable {
    public let instance: Identifier
    public let timeLock: Certificate
    /// Of the holder's offline key; nil where it was refused at the installation.
    public let recovery: Certificate?
    /// Those whose cosignatures of the logs' checkpoints are kept.
    public let witnesses: [VerifierKey]

    public init(instance: Identifier, timeLock: Certificate, recovery: Certificate?, witnesses: [VerifierKey] = []) {
        self.instance = instance
        self.timeLock = timeLock
        self.recovery = recovery
        self.witnesses = witnesses
    }
}
