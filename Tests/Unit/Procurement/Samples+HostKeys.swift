import Canonical
import Procurement

extension Samples {
    static let hostKeys = [
        event("host-key-added", HostKeyAdded(kind: .timeLock, certificate: Scene.digest(0x71), notAfter: Scene.after)),
        event("host-key-added.authority", HostKeyAdded(kind: .timestampAuthority, certificate: Scene.digest(0x74), notAfter: Scene.after)),
        event("host-key-retired", HostKeyRetired(kind: .recovery, certificate: Scene.digest(0x72))),
        event(
            "platform-secret-restored",
            PlatformSecretRestored(
                consultation: Scene.id, part: "offer", secret: Scene.digest(0x60), certificate: Scene.digest(0x71),
                sealed: Scene.digest(0x73))),
        event("recovery-rehearsed", RecoveryRehearsed(certificate: Scene.digest(0x72), secrets: 17)),
        event("token-ended", TokenEnded(user: Scene.buyer.user, token: Scene.digest(0x70), from: Scene.after)),
        event(
            "consultation-archived",
            ConsultationArchived(consultation: Scene.id, user: Scene.buyer.user, grounds: "Procédure déclarée sans suite.")),
        event(
            "consultation-archived.least",
            ConsultationArchived(consultation: Scene.id, user: Scene.buyer.user, grounds: nil)),
    ]
}
