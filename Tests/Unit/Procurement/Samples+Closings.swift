import Canonical
import Procurement

extension Samples {
    private static func entry(_ bid: UInt8, at position: Int64) -> ClosingStated.Entry {
        ClosingStated.Entry(position: position, leaf: Scene.digest(bid), bid: Scene.identifier(bid))
    }

    private static func closing(earlier: [ClosingStated.KeySet] = []) -> ClosingStated {
        ClosingStated(
            consultation: Scene.id,
            deadlines: [Deadline(Scene.before, version: 1), Deadline(Scene.deadline, version: 2)],
            keys: Scene.fingerprint, k: 2, n: 3, earlier: earlier,
            bids: [
                .onTime: [entry(0xd3, at: 40), entry(0xd4, at: 47)], .replaced: [entry(0xd1, at: 31)],
                .complementing: [entry(0xd5, at: 48)], .late: [entry(0xd7, at: 52)],
                .withdrawn: [entry(0xd2, at: 39)], .pending: [entry(0xd6, at: 50)],
            ], drafts: 1, attempts: 4,
            outages: [
                Outage(from: Scene.time("09:30:00.000"), to: Scene.time("09:30:12.500"), cause: Outage.down),
                Outage(from: Scene.time("11:02:00.000"), to: Scene.time("11:04:30.000"), cause: Outage.clock),
            ], size: 53, root: Scene.digest(0x40))
    }

    static let closings = [
        event("closing-stated", closing()),
        event(
            "closing-stated.earlier",
            closing(earlier: [.init(keys: Scene.digest(0xe0), k: 1, n: 2), .init(keys: Scene.digest(0xe1), k: 5, n: 7)])),
        event(
            "bid-judged",
            BidJudged(
                consultation: Scene.id, bid: Scene.identifier(0xd3), verdict: .onTime, deadlineVersion: 2,
                statement: Scene.digest(0xcd))),
        event(
            "reopened",
            Reopened(
                consultation: Scene.id, user: Scene.buyer.user, deadline: Scene.after, deadlineVersion: 2,
                grounds: "Panne d'électricité de 11:50 à 12:20.", voids: [Scene.identifier(0xe1)])),
        event(
            "hold-waived",
            HoldWaived(
                consultation: Scene.id, user: Scene.buyer.user, statement: Scene.digest(0xcd),
                grounds: "Redémarrage de deux secondes, personne n'a été empêché.")),
        event(
            "late-bid-admitted",
            LateBidAdmitted(
                consultation: Scene.id, bid: Scene.identifier(0xd7), user: Scene.buyer.user, ground: .courtOrder,
                grounds: "Ordonnance du tribunal administratif n° 2607123.")),
        event(
            "statement-disclosed",
            StatementDisclosed(
                consultation: Scene.id, user: Scene.buyer.user, statement: Scene.digest(0xcd), occasion: .signature)),
        event(
            "minutes-extracted",
            MinutesExtracted(
                consultation: Scene.id, opening: Scene.identifier(0xe1), minutes: Scene.digest(0x3a),
                extract: Scene.digest(0x3b))),
    ]
}
