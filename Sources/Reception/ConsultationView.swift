import Canonical
import OpenSSL
public import Procurement
import Sealing

/// What the API shows of a consultation.
public struct ConsultationView: Sendable {
    public let consultation: Consultation
    /// The key set and its certificates, in opening order, once it is sealed.
    public let keySet: [UInt8]?
    public let certificates: [(part: String, certificate: [UInt8])]
    public let acceptances: [(number: Int, name: String, signed: [UInt8])]
}

extension Vault {
    func view(of consultation: Consultation, in register: some RegisterReading) throws -> ConsultationView {
        guard consultation.keys != nil else {
            return ConsultationView(consultation: consultation, keySet: nil, certificates: [], acceptances: [])
        }
        let material = try material(of: consultation, in: register)
        var acceptances: [(number: Int, name: String, signed: [UInt8])] = []
        for (number, digest) in try register.acceptances(of: consultation.id).sorted(by: { $0.key < $1.key }) {
            guard let signed = try register.object(digest) else {
                throw VaultFailure.register("an acceptance is missing")
            }
            let name = material.committee.members.first { $0.number == number }?.name ?? ""
            acceptances.append((number, name, signed))
        }
        return ConsultationView(
            consultation: consultation, keySet: material.keySetBytes,
            certificates: material.capsules.map { ($0.part, $0.certificate.der) }, acceptances: acceptances)
    }
}
