import Canonical
import Foundation
import Procurement
import Sealing

extension MinutesPage {
    /// `23/11/2026 13:00:00 (UTC+01:00) = 12:00:00.918 UTC`: in the consultation's zone, and as it was recorded.
    func time(_ instant: Instant, _ subject: OpeningMinutes.Subject) -> String {
        let utc = instant.description
        guard let zone = TimeZone(identifier: subject.timeZone) else { return utc }
        let offset = Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.second))))
        let local = instant.advanced(bySeconds: offset).description
        let day = local.prefix(10).split(separator: "-")
        let date = language == .french ? "\(day[2])/\(day[1])/\(day[0])" : String(local.prefix(10))
        let minutes = abs(offset) / 60
        let two = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        let shift = "UTC\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
        return "\(date) \(local.dropFirst(11).prefix(8)) (\(shift)) = \(utc)"
    }

    func word(_ verdict: ClosingVerdict) -> String {
        switch verdict {
        case .onTime: say("Dans les délais", "On time")
        case .replaced: say("Remplacé par un pli suivant", "Replaced by a later bid")
        case .complementing: say("Complète un pli précédent", "Complements an earlier bid")
        case .late: say("Hors délai", "Late")
        case .withdrawn: say("Retiré", "Withdrawn")
        case .pending: say("Sans verdict", "Without a verdict")
        }
    }

    /// Of an outage.
    func cause(_ word: String) -> String {
        switch word {
        case Outage.down: say("service arrêté", "daemon not running")
        case Outage.clock: say("horloge non sûre", "clock not believed")
        case "not-accepting": say("dépôts impossibles", "deposits impossible")
        case "not-committing": say("enregistrement impossible", "recording impossible")
        default: word
        }
    }

    func word(_ result: Minutes.Result) -> String {
        switch result {
        case .opened: say("Ouvert", "Opened")
        case .failed: say("Non lisible", "Not readable")
        case .withheld: say("Non ouvert", "Left sealed")
        }
    }

    /// A check of ``Reconciliation`` in the page's language; one of another version stays as it is.
    func check(_ text: String) -> String {
        guard language == .french else { return text }
        if text == Reconciliation.inLog { return "l'état de clôture est au journal, par la signature de sa clé" }
        guard let index = Reconciliation.checks.firstIndex(of: text) else { return text }
        return [
            "chaque pli de l'état de clôture a été remis, et aucun autre reçu dans les délais",
            "chaque événement remis est la feuille, à la position, que nomme l'état de clôture",
            "chaque verdict découle de l'instant de réception du pli et de la dernière date limite",
            "la place de chaque pli parmi ceux de son déposant découle de leurs événements",
        ][index]
    }
}
