import Canonical
import OpenSSL
public import Procurement
import Sealing

/// What the API shows of a consultation.
public struct ConsultationView: Sendable {
    public let consultation: Consultation
    /// The key set first made and its certificates, in opening order, once it is sealed: what bidders hold against the tender
    /// documents, whatever re-share came since.
    public let keySet: [UInt8]?
    public let certificates: [(part: String, certificate: [UInt8])]
    public let acceptances: [(number: Int, name: String, signed: [UInt8])]
}

extension Vault {
    func view(of consultation: Consultation, in register: some RegisterReading) throws -> ConsultationView {
        guard consultation.keys != nil else {
            return ConsultationView(consultation: consultation, keySet: nil, certificates: [], acceptances: [])
        }
        let material = try originalMaterial(of: consultation, in: register)
        return ConsultationView(
            consultation: consultation, keySet: material.keySetBytes,
            certificates: material.capsules.map { ($0.part, $0.certificate.der) },
            acceptances: try acceptances(of: material, in: register))
    }

    /// In the order of the members' numbers.
    func acceptances(
        of material: KeyMaterial, in register: some RegisterReading
    ) throws -> [(number: Int, name: String, signed: [UInt8])] {
        let kept = try register.acceptances(of: material.keySet.consultation, keys: material.keySet.fingerprint)
        return try kept.sorted { $0.key < $1.key }.map { number, digest in
            guard let signed = try register.object(digest) else {
                throw VaultFailure.register("an acceptance is missing")
            }
            return (number, material.committee.members.first { $0.number == number }?.name ?? "", signed)
        }
    }
}
