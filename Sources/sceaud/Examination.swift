import Canonical
import Evidence
import Foundation
import Linux
import OpenSSL
import Procurement
import Records
import Sealing

/// `sceaud check`: a data folder, verified by reading it, also beside a running daemon. Nothing is repaired, and nothing is
/// written but lines: one for each check that holds, one for each thing that does not.
struct Examination {
    let configuration: Configuration
    private(set) var holds = true
    private let tell: (String) -> Void

    /// - Parameter tell: takes a line.
    init(_ configuration: Configuration, tell: @escaping (String) -> Void) {
        self.configuration = configuration
        self.tell = tell
    }

    private func good(_ text: String) { tell("ok: \(text)") }

    private mutating func bad(_ text: String) {
        holds = false
        tell("does not hold: \(Log.printable(text))")
    }

    mutating func run() throws(DaemonError) {
        let data = try DataFolder(configuration.data)
        good("instance \(data.instance.id)")
        keys()
        register(data)
        evidence(data)
        envelopes(data)
        mirror(data)
    }

    private mutating func keys() {
        let now = WallClock.system.now.second
        do {
            var logged: [LoggedHostKey] = []
            try? Register.inspect(data: configuration.data) { read in try read { logged = try $0.hostKeys() } }
            _ = try HostKeyRing(configuration, logged: logged, now: now)
            _ = try KeyFiles(configuration.tls.pair, for: .tls, now: now)
            _ = try TimestampKeys(configuration.timestamp, now: now)
            _ = try configuration.timestamps.sources()
            good("keys: readable by their owner alone, certificates match and are in their time")
        } catch {
            bad("keys: \(error.message)")
        }
    }

    private mutating func register(_ data: DataFolder) {
        do {
            let keys = try LogKeyFiles.load(configuration)
            let findings = try Register.findings(
                data: data.path, highWater: configuration.highWater,
                keys: [.real: keys.publicKey(.real), .training: keys.publicKey(.training)])
            for finding in findings { bad("register: \(finding)") }
            if findings.isEmpty { good("register: events, trees, tiles, signed heads, high-water mark, objects and views") }
            var lacking: Int64 = 0
            try Register.inspect(data: data.path) { read in try read { lacking = try $0.unstampedCount() } }
            if lacking > 0 { tell("note: \(lacking) bids and closings still lack their timestamp") }
        } catch {
            bad("register: \(error)")
        }
    }

    /// That the mirror is where the register is, and has each envelope at its length. Its envelopes are not read: they were written beside
    /// those that were.
    private mutating func mirror(_ data: DataFolder) {
        guard let mirror = configuration.mirror else { return }
        do {
            let isRunning = (try? Sockets.connect(unix: data.socket)) != nil
            var findings = try Register.mirrorFindings(data: data.path, mirror: mirror.path, isRunning: isRunning)
            let (ours, theirs) = (try data.folder(DataFolder.envelopes), try DurableFolder(path: mirror.path).folder(DataFolder.envelopes))
            for bid in try Register.loggedBids(data: data.path) {
                let names = (1...bid.documents).map { "\(bid.bid).\($0)" } + ["\(bid.bid).seal"]
                let folder = try? theirs.folder(bid.consultation.text)
                for name in names {
                    guard let length = try? ours.folder(bid.consultation.text).open(name).length() else { continue }
                    if (try? folder?.open(name).length()) != length { findings.append("it lacks \(bid.consultation)/\(name)") }
                }
            }
            for finding in findings { bad("mirror: \(finding)") }
            if findings.isEmpty { good("mirror: its register is \(isRunning ? "a beginning of ours" : "ours"), and each envelope is there") }
        } catch {
            bad("mirror: \(error)")
        }
    }

    /// The logs, what they name, and the envelopes, by the code that `sceau verify` runs over an export.
    private mutating func evidence(_ data: DataFolder) {
        do {
            let report = try Exportation.verify(data)
            for check in report.checks {
                switch check.outcome {
                case .holds where check.name == "envelope": good("envelopes: \(check.text)")
                case .fails where check.name == "envelope":
                    bad("bid \(check.subject.split(separator: "/").last ?? ""): \(check.text)")
                case .fails: bad("evidence: \(check.name): \(check.subject): \(check.text)")
                case .operatorsWord: tell("note: \(Log.printable("\(check.subject) rests on the operator's word: \(check.text)"))")
                default: break
                }
            }
            if report.isGood { good("evidence: \(report.checks.count) checks, as `sceau verify` makes them of an export") }
        } catch {
            bad("evidence: \(error)")
        }
    }

    private mutating func envelopes(_ data: DataFolder) {
        do {
            // A daemon may be receiving: a file whose event comes later is no stranger. So the files first, then the events.
            let isRunning = (try? Sockets.connect(unix: data.socket)) != nil
            let folder = try data.folder(DataFolder.envelopes)
            var files = try EnvelopeFiles(folder)
            let bids = try Register.loggedBids(data: data.path)
            for bid in bids { files.remove(bid) }
            for name in files.unnamed {
                if isRunning { tell("note: \(Log.printable(name)) is named by no event (an upload under way, or left by one that failed)") }
                else { bad("\(name) is named by no event; the next start will move it to \(DataFolder.lostAndFound)") }
            }
            if files.unnamed.isEmpty { good("files: each is named by an event") }
        } catch {
            bad("envelopes: \(error)")
        }
    }
}

extension Register {
    /// Every bid of both logs, from the events themselves, in short snapshots.
    static func loggedBids(data: String) throws -> [BidReceived] {
        try inspect(data: data) { read in
            var bids: [BidReceived] = []
            for log in Procurement.Log.allCases {
                var position: Int64 = 0
                var isAtEnd = false
                while !isAtEnd {
                    try read { snapshot in
                        let events = try snapshot.events(log, from: position, limit: 1000)
                        position += Int64(events.count)
                        isAtEnd = events.isEmpty
                        // What does not decode was named above, with the register.
                        bids += events.compactMap { (try? Event(canonical: $0))?.fact as? BidReceived }
                    }
                }
            }
            return bids
        }
    }
}
