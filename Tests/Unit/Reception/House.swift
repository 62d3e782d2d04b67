import Canonical
import Foundation
import Linux
import Merkle
import OpenSSL
import Procurement
import Records
import Sealing
import SQLite
import Testing

@testable import Reception

/// A vault in a folder of its own, with people who have tokens, and a clock that the test turns. No daemon, no socket;
/// housekeeping runs when the test says so (``Vault/tend()``).
final class House {
    struct User {
        let principal: Principal
        let token: [UInt8]
    }

    let folder: String
    let dial = Dial("11:00:00.000")
    private(set) var vault: Vault
    let buyer, opener, otherOpener, bidder, otherBidder: User
    /// What the operator was told.
    let told = Monitor<[String]>([])
    private let isJudged: Bool
    private let witnesses: [VerifierKey]
    private let stamping: Stamping
    /// The logs', one pair for every house: a restart finds them again.
    private static let keys: LogKeys = {
        do { return try LogKeys.generate() } catch { fatalError("\(error)") }
    }()
    /// Of the clock, as it was kept last. A reboot is one that explains nothing.
    let baseline = Monitor<ClockBaseline?>(nil)
    private(set) var boot = identifier(0xb0)
    private static let limits = ReceptionLimits(
        deposits: Limits(document: 1 << 20, bid: 1 << 20, documents: 5), uploadsPerAccount: 4, bytesPerAccount: 1 << 30,
        registerReserve: 0, smallBid: 1 << 20, reservedPercent: 0, inodeReserve: 0, refusalsPerMinute: 100,
        countedSources: 100)

    /// - Parameters:
    ///   - isJudged: whether the clock is, as the daemon's; otherwise it is believed whatever it says.
    ///   - witnesses: of the logs.
    ///   - external: time-stamping authorities.
    init(
        isJudged: Bool = false, witnesses: [VerifierKey] = [], external: [any TimestampSource] = [],
        isExternalRequired: Bool = false
    ) throws {
        self.isJudged = isJudged
        self.witnesses = witnesses
        stamping = try House.stamping(external: external, isExternalRequired: isExternalRequired)
        var template = Array((NSTemporaryDirectory() + "/sceau-vault-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let data = try DurableFolder(path: folder)
        let instance = Instance(id: identifier(0x1a), name: "Agglomération", created: dial.clock.now)
        try Register.create(data: folder, instance: instance, House.surroundings(dial))
        _ = try data.makeFolder("envelopes")
        _ = try data.makeFolder("drafts")
        _ = try data.makeFolder("lost+found")
        let register = try House.register(folder, dial)
        try register.commit { _ in
            [
                EventDraft(
                    log: .real,
                    fact: AccountCreated(account: identifier(0xaa), kind: .holder, name: "Agglomération", registration: nil))
            ]
        }
        vault = try House.vault(register, folder, dial, isJudged ? boot : nil, baseline, told, witnesses, stamping)
        buyer = try House.user(vault, .buyer, "Commune")
        opener = try House.user(vault, .opener, "Commune")
        otherOpener = try House.user(vault, .opener, "Commune")
        bidder = try House.user(vault, .bidder, "Toitures SARL")
        otherBidder = try House.user(vault, .bidder, "Couvertures SA")
    }

    private static func surroundings(_ dial: Dial) -> Surroundings {
        Surroundings(clock: dial.clock, keys: keys, fatal: { Issue.record("fatal: \($0)") })
    }

    private static func register(_ folder: String, _ dial: Dial) throws -> Register {
        try Register(
            data: folder, limits: RegisterLimits(decisions: 100, traces: 100, batch: 16, readers: 2), surroundings(dial))
    }

    private static func vault(
        _ register: Register, _ folder: String, _ dial: Dial, _ boot: Identifier?, _ baseline: Monitor<ClockBaseline?>,
        _ told: Monitor<[String]>, _ witnesses: [VerifierKey], _ stamping: Stamping
    ) throws -> Vault {
        let data = try DurableFolder(path: folder)
        var clock = JudgedClock(unjudged: dial.clock)
        if let boot {
            let (history, deadlines) = try register.read { register in
                (
                    try register.clockHistory(),
                    try register.unclosed().compactMap { try register.consultation($0)?.deadline.closesAt }
                )
            }
            let judge = ClockJudge(
                boot: boot, baseline: baseline.change { $0 }, floor: history.floor, deadlines: deadlines, policy: .alarm,
                first: dial.reading)
            clock = JudgedClock(judge, history: history) { dial.reading }
        }
        return try Vault(
            envelopes: data.folder("envelopes"), drafts: data.folder("drafts"), lostAndFound: data.folder("lost+found"), register: register,
            timeLock: TimeLock(key: Members.timeLock.key(), certificate: Members.timeLock.certificate, recovery: nil),
            platform: Platform(
                instance: identifier(0x1a), witnesses: witnesses),
            stamping: stamping, limits: House.limits, clock: clock, writers: 2, heads: 1, drafting: 2, readers: 2,
            keepBaseline: { made in baseline.change { $0 = made } }, log: { line in told.change { $0.append(line) } })
    }

    /// The daemon stops; `whileDown` happens; it starts again.
    func restart(reboot: Bool = false, whileDown: () -> Void) throws {
        vault.stop()
        whileDown()
        if reboot { boot = identifier(0xb1) }
        vault = try House.vault(House.register(folder, dial), folder, dial, isJudged ? boot : nil, baseline, told, witnesses, stamping)
        try vault.recordStart()
    }

    deinit {
        vault.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// An embedded authority whose certificate is good for the day of the dial.
    static func stamping(
        external: [any TimestampSource] = [], isExternalRequired: Bool = false
    ) throws -> Stamping {
        let ca = try PrivateKey.generateP256()
        let issuer = try Certificate.selfSigned(
            ca, commonName: "Authority", usage: .authority, notBefore: 0, notAfter: 4_102_444_800)
        let key = try PrivateKey.generateP256()
        let certificate = try issuer.issue(
            to: key, commonName: "Timestamps", usage: .timestamping, notBefore: 0, notAfter: 4_102_444_800, signedWith: ca)
        return Stamping(
            authority: try TimestampAuthority(key: key, certificate: certificate), ca: issuer, perMinute: 5,
            external: external, isExternalRequired: isExternalRequired)
    }

    /// Of an account, or of the vault's own.
    func auditor(_ account: String?) throws -> Principal {
        let token = try vault.addUser(name: "Somebody", role: .auditor, account: account, siret: nil).token
        return try vault.principal(token: Array(token.utf8))
    }

    private static func user(_ vault: Vault, _ role: Role, _ account: String) throws -> User {
        let token = Array(try vault.addUser(name: "Somebody", role: role, account: account, siret: nil).token.utf8)
        return User(principal: try vault.principal(token: token), token: token)
    }

    func admin() throws -> Principal {
        try vault.principal(token: Array(vault.addUser(name: "Admin", role: .admin, account: nil, siret: nil).token.utf8))
    }

    // MARK: A consultation

    /// Sealed for the committee, accepted by all three, published, its deadline at 12:00:00.
    func published(training: Bool = true) throws -> (id: Identifier, committee: Committee) {
        let (id, committee) = try sealed(training: training)
        for member in Members.all {
            let signed = try member.member().accept(committee, fingerprint: committee.fingerprint).canonicalBytes
            _ = try vault.accept(id, by: opener.principal, signed: signed)
        }
        _ = try vault.publish(id, by: buyer.principal, fingerprint: committee.fingerprint)
        return (id, committee)
    }

    func sealed(training: Bool = true) throws -> (id: Identifier, committee: Committee) {
        let view = try vault.create(
            by: buyer.principal, reference: "R", title: "T", object: nil, deadline: Dial.instant("12:00:00.000"),
            timeZone: "Europe/Paris", training: training, parts: ["offer"])
        let (keySet, capsules) = try Members.ceremony(view.consultation.id)
        _ = try setKeys(of: view.consultation.id, keySet, capsules)
        return (view.consultation.id, try Committee(keySet, capsules))
    }

    func setKeys(of id: Identifier, _ keySet: KeySet, _ capsules: [Capsule]) throws -> Digest {
        try vault.setKeys(
            of: id, by: buyer.principal, keySet: keySet.canonicalBytes, capsules: capsules.map(\.canonicalBytes))
    }

    func sampledOutages(from: Instant, to: Instant) throws -> [Outage] {
        try vault.register.read { try $0.sampledOutages(from: from, to: to) }
    }

    /// A second vault over the same register, which has read nothing yet.
    func another() throws -> Vault {
        try House.vault(vault.register, folder, dial, isJudged ? boot : nil, baseline, told, witnesses, stamping)
    }

    /// What somebody with a shell on the host could do to the register.
    func tamper(_ statements: StaticString...) throws {
        let connection = try Connection(path: "\(folder)/register/register.sqlite", .readWrite)
        try connection.execute("PRAGMA foreign_keys=OFF")
        for statement in statements { try connection.execute(statement) }
    }

    // MARK: Files and events

    /// Paths below a folder of the data folder, sorted.
    func files(_ name: String) -> [String] {
        (FileManager.default.subpaths(atPath: "\(folder)/\(name)") ?? []).filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(name)/\($0)", isDirectory: &isFolder) && !isFolder.boolValue
        }.sorted()
    }

    /// Waits for the traces that were submitted before.
    func facts<Kind: Fact>(_ kind: Kind.Type, in log: Log = .training) throws -> [Kind] {
        let settled = Monitor(false)
        vault.register.submit(.trace, decide: { _ in [] }) { _ in settled.change { $0 = true } }
        _ = settled.wait { $0 ? true : nil }
        return try vault.register.read { try $0.events(log, from: 0, limit: 10_000) }
            .compactMap { try Event(canonical: $0).fact as? Kind }
    }
}
