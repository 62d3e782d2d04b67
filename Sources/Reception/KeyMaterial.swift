import Canonical
import OpenSSL
import Procurement
import Sealing
import Synchronization

/// The parsed key set of a consultation, as every deposit and opening needs it.
final class KeyMaterial: Sendable {
    let keySet: KeySet
    let keySetBytes: [UInt8]
    let capsules: [Capsule]
    let capsuleBytes: [[UInt8]]
    let committee: Committee

    init(keySet: [UInt8], capsules: [[UInt8]]) throws {
        keySetBytes = keySet
        capsuleBytes = capsules
        self.keySet = try KeySet(canonical: keySet)
        var parsed: [Capsule] = []
        for bytes in capsules { parsed.append(try Capsule(canonical: bytes)) }
        self.capsules = parsed
        committee = try Committee(self.keySet, parsed)
    }

    func certificate(of part: String) throws -> PartCertificate {
        guard let capsule = capsules.first(where: { $0.part == part }) else {
            throw VaultFailure.register("a part of the key set has no capsule")
        }
        return try capsule.partCertificate
    }
}

/// Key sets by fingerprint. They never change, so what was read once is good for ever; bounded all the same.
final class KeyRing: Sendable {
    private let known = Mutex<[Digest: KeyMaterial]>([:])

    func material(for keys: Consultation.Keys, in register: any RegisterReading) throws -> KeyMaterial {
        if let material = known.withLock({ $0[keys.fingerprint] }) { return material }
        guard let keySet = try register.object(keys.fingerprint) else {
            throw VaultFailure.register("the key set \(keys.fingerprint) is missing")
        }
        var capsules: [[UInt8]] = []
        for part in keys.parts {
            guard let capsule = try register.object(part.capsule) else {
                throw VaultFailure.register("the capsule \(part.capsule) is missing")
            }
            capsules.append(capsule)
        }
        let material = try KeyMaterial(keySet: keySet, capsules: capsules)
        known.withLock { known in
            if known.count >= 128 { known.removeAll() }
            known[keys.fingerprint] = material
        }
        return material
    }
}
