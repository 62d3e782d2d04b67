import Canonical
import Foundation
import Merkle
import OpenSSL
import Procurement
import Sealing
import Testing

@testable import Evidence

/// A bid and all that proves it, made by hand: its seal, its leaf, a small tree around it, a log's key, an authority.
struct Deposited {
    static let instance = identifier(0x1a)
    /// Long past, for the stock authority stamps by this machine's clock.
    static let deadline = instant("2024-11-22T11:00:00.000Z")
    static let received = instant("2024-11-22T10:58:31.907Z")

    let leaf: [UInt8]
    let seal: [UInt8]
    let lists: [ReceiptContainer.List]
    let proof: [UInt8]
    let files: [ReceiptVerifier.Given]

    struct Change {
        var log = Log.real
        var instance = Deposited.instance
        var deadline = Deposited.deadline
        var received = Deposited.received
        var recorded = instant("2024-11-22T10:58:31.951Z")
        var at = instant("2024-11-22T10:58:31.951Z")
        var verdict: Verdict?
        var title = "Réfection de la toiture de l’école"
        var names = ["bordereau des prix.pdf", "mémoire technique.pdf"]
        var depositor = "Bâtir SARL"
        var bid = identifier(0xb1)
        var clock = ClockState.sound
        var parts = ["offer"]
    }

    init(_ change: Change = Change(), log signer: LogKey = .shared) throws {
        let (consultation, account) = (identifier(0x5f), identifier(0xac))
        let contents = change.names.map { Array("the text of \($0)".utf8) }
        files = zip(change.names, contents).map {
            .init(name: $0, length: Int64($1.count), sha256: Digest(of: $1))
        }
        // Documents are dealt to the parts in turn.
        var manifests: [Manifest] = []
        var (sealed, documents): ([Seal.Part], [Seal.Document]) = ([], [])
        for (index, part) in change.parts.enumerated() {
            let own = files.enumerated().filter { $0.offset % change.parts.count == index }.map(\.element)
            let manifest = Manifest(
                consultation: consultation, depositor: account, part: part, nonce: [UInt8](repeating: UInt8(index), count: 16),
                candidate: nil,
                documents: own.map { ManifestDocument(folder: "offre", name: $0.name, length: $0.length, sha256: $0.sha256) })
            manifests.append(manifest)
            sealed.append(
                .init(part: part, certificate: digest(0x61), manifest: digest(0x62), contents: Digest(of: manifest.canonicalBytes)))
            documents += own.map { .init(part: part, length: $0.length, headers: digest(0x63), segments: digest(0x64)) }
        }
        let seal = Seal(
            consultation: consultation, bid: change.bid, keys: digest(0x6b), sealedBy: .platform, parts: sealed,
            documents: documents)
        self.seal = seal.canonicalBytes
        lists = zip(change.parts, manifests).map { .init(part: $0, bytes: $1.canonicalBytes) }
        leaf = try Deposited.leaf(change, seal.digest, consultation, account, documents: documents.count)
        proof = try signer.proof(of: leaf, origin: "sceau/\(change.instance)/\(change.log.rawValue)")
    }

    private static func leaf(
        _ change: Change, _ seal: Digest, _ id: Identifier, _ account: Identifier, documents: Int
    ) throws -> [UInt8] {
        let consultation = Consultation(
            id: id, log: change.log, account: identifier(0xaa), buyer: "Commune de Saint-Aubin", reference: "2026-42",
            title: change.title, object: "Travaux de couverture et d’isolation", timeZone: "Europe/Paris", parts: change.parts,
            limits: Limits(document: 21_474_836_480, bid: 53_687_091_200, documents: 10_000),
            deadline: Deadline(change.deadline, version: 1),
            keys: .init(fingerprint: digest(0x6b), k: 2, n: 3, notBefore: deadline, parts: [], accepted: [1, 2, 3]),
            published: true)
        let bidder = Principal(
            user: identifier(0x06), account: account, kind: .company, accountName: change.depositor,
            registration: try Registration(siret: "73282932000074"), person: digest(0x9e), roles: [.bidder])
        let fact = try consultation.receiving(
            Submission(
                bid: change.bid, seal: seal, keys: digest(0x6b), sealedBy: .platform, intent: .unstated, documents: documents,
                started: instant("2024-11-22T10:58:02.311Z"), firstByte: instant("2024-11-22T10:58:02.340Z"),
                received: change.received, bidCode: digest(0xbc), outcome: nil),
            by: bidder, previous: nil, instance: change.instance, clock: change.clock, recorded: change.recorded)
        let bytes = Event(log: change.log, at: change.at, nonce: Array(0..<16), fact: fact).canonicalBytes
        guard let verdict = change.verdict else { return bytes }
        return Array(
            String(decoding: bytes, as: UTF8.self).replacing(
                "\"verdict\":\"\(fact.verdict.rawValue)\"", with: "\"verdict\":\"\(verdict.rawValue)\""
            ).utf8)
    }

    func container(token: [UInt8]? = nil, lists: [ReceiptContainer.List]? = nil) throws -> ReceiptContainer {
        try ReceiptContainer(leaf: leaf, seal: seal, lists: lists ?? self.lists, proof: proof, token: token)
    }

    /// The container with a token of the test's authority.
    func stamped(by authority: StockAuthority = .shared) throws -> ReceiptContainer {
        try container(token: authority.token(over: ReceiptManifest(leaf: leaf, seal: seal).bytes))
    }
}

func identifier(_ byte: UInt8) -> Identifier { Identifier(random: InlineArray(repeating: byte)) }
func digest(_ byte: UInt8) -> Digest { Digest(InlineArray(repeating: byte)) }
func instant(_ text: String) -> Instant { (try? Instant(parsing: text)) ?? .earliest }

/// A log of seven leaves whose fifth is the one asked for, and its key.
final class LogKey: Sendable {
    static let shared = LogKey()
    private let pkcs8: Secret

    init() {
        guard let made = try? PrivateKey.generateEd25519().pkcs8() else { preconditionFailure("no Ed25519") }
        pkcs8 = made
    }

    private func signer(_ origin: String) throws -> NoteSigner {
        try NoteSigner(name: origin, key: PrivateKey(pkcs8: pkcs8))
    }

    func verifier(of origin: String = "sceau/\(Deposited.instance)/real") throws -> VerifierKey {
        try signer(origin).verifier
    }

    func proof(of leaf: [UInt8], origin: String) throws -> [UInt8] {
        let others = (0..<7).map { MerkleTree.leaf([$0]) }
        let leaves = others[..<4] + [MerkleTree.leaf(leaf)] + others[5...]
        let tree = Leaves(all: Array(leaves))
        let note = try Checkpoint(origin: origin, size: 7, root: try tree.root(size: 7)).note()
        let proof = try InclusionProof(index: 4, size: 7, from: tree)
        return try LogProof(index: 4, hashes: proof.hashes, note: try signer(origin).sign(note)).encoded
    }
}

private struct Leaves: HashSource {
    let all: [Digest]

    func hash(of subtree: Subtree) throws -> Digest {
        if subtree.level == 0 { return all[subtree.index] }
        let below = Subtree(level: subtree.level - 1, index: subtree.index * 2)
        return MerkleTree.node(
            try hash(of: below), try hash(of: Subtree(level: below.level, index: below.index + 1)))
    }
}
