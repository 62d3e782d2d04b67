public import Canonical
public import Merkle
public import OpenSSL
public import Procurement

/// The private keys with which the register signs its logs' heads: Ed25519, one for each.
public final class LogKeys: Sendable {
    private let real: PrivateKey
    private let training: PrivateKey

    public init(real: consuming PrivateKey, training: consuming PrivateKey) {
        self.real = real
        self.training = training
    }

    /// New ones.
    public static func generate() throws(OpenSSLError) -> LogKeys {
        LogKeys(real: try PrivateKey.generateEd25519(), training: try PrivateKey.generateEd25519())
    }

    public func publicKey(_ log: Log) throws(OpenSSLError) -> [UInt8] {
        switch log {
        case .real: try real.ed25519PublicKey()
        case .training: try training.ed25519PublicKey()
        }
    }

    /// A log's public key as a generation of it bears it: named as the origin of its checkpoints.
    public func verifier(of log: Log, instance: Identifier, generation: Int64 = 1) throws -> VerifierKey {
        try VerifierKey(name: Generation.origin(instance, log, generation), publicKey: publicKey(log))
    }

    func sign(_ note: Note, of log: Log, as verifier: VerifierKey) throws -> Note {
        switch log {
        case .real: try note.signed(as: verifier, with: real)
        case .training: try note.signed(as: verifier, with: training)
        }
    }
}
