import Canonical
import Foundation
import Procurement
import Sealing

/// Minutes for people to read, print and sign by hand: made from the signed object, and no evidence by themselves.
public struct MinutesPage: Sendable {
    public enum Language: String, Sendable, CaseIterable {
        case french = "fr"
        case english = "en"
    }

    let language: Language

    public init(_ language: Language) { self.language = language }

    /// `french` or `english`, as the language asks.
    func say(_ french: String, _ english: String) -> String { language == .french ? french : english }

    public func page(_ minutes: OpeningMinutes) -> [UInt8] {
        var html = HTML()
        let title = say("Procès-verbal d'ouverture", "Minutes of the opening")
        head(&html, title, minutes.subject, minutes.session)
        html.element("p", say("Version intégrale : elle contient ce qui était scellé. À ne communiquer qu'à qui peut en connaître.",
            "In full: it holds what was sealed. For those who may know it."), class: "small")
        session(&html, minutes.subject, minutes.session, minutes.statement, minutes.members)
        if !minutes.wrongShares.isEmpty {
            html.element("p", say("Parts ou approbations écartées :", "Shares or approvals set aside:"))
            html.list(minutes.wrongShares.map { say("membre \($0.number) : ", "member \($0.number): ") + $0.reason })
        }
        statement(&html, minutes.statement, minutes.subject, minutes.refusals)
        html.element("h2", say("Rapprochement", "Reconciliation"))
        html.element("p", say(
            "Avant de conclure, l'outil de l'ouvrant a vérifié ce qui lui a été remis contre l'état de clôture, et ce procès-verbal contre les deux :",
            "Before it concluded, the opener's tool held what it was served against the closing statement, and these minutes against both:"))
        html.list(minutes.reconciled.map(check))
        decisions(&html, minutes.decisions, minutes.subject)
        html.element("h2", say("Plis", "Bids"))
        if minutes.bids.isEmpty { html.element("p", say("Aucun pli.", "None.")) }
        for (index, bid) in minutes.bids.enumerated() { self.bid(&html, bid, index + 1, minutes.subject) }
        foot(&html, Digest(of: minutes.canonicalBytes), minutes.members)
        return HTML.page(language: language.rawValue, title: title + " – " + minutes.subject.reference, html)
    }

    public func page(_ extract: MinutesExtract) -> [UInt8] {
        var html = HTML()
        let title = say("Procès-verbal d'ouverture – version communicable", "Minutes of the opening – communicable version")
        head(&html, title, extract.subject, extract.session)
        html.element("p", say(
            "Sans les noms des candidats, ni les noms, longueurs et empreintes de leurs documents. Chaque soumissionnaire reconnaît son pli à l'identifiant que porte son accusé de réception.",
            "Without the candidates' names, nor names, lengths and digests of their documents. Each bidder knows its own bid by the identifier on its receipt."),
            class: "small")
        session(&html, extract.subject, extract.session, extract.statement, extract.members)
        statement(&html, extract.statement, extract.subject, extract.refusals)
        decisions(&html, extract.decisions, extract.subject)
        html.element("h2", say("Plis", "Bids"))
        html.raw("<table class=\"bids\">")
        html.row(
            [say("Identifiant", "Identifier"), say("Reçu le", "Received"), say("État", "Verdict"), say("Résultat", "Result")],
            as: "th")
        for bid in extract.bids {
            html.row([
                bid.bid.text, time(bid.received, extract.subject), word(bid.verdict),
                word(bid.result) + (bid.documents == 0 ? "" : say(", documents : ", ", documents: ") + "\(bid.documents)"),
            ])
        }
        html.raw("</table>\n")
        foot(&html, Digest(of: extract.canonicalBytes), extract.members)
        return HTML.page(language: language.rawValue, title: title + " – " + extract.subject.reference, html)
    }

    // MARK: Parts

    private func head(
        _ html: inout HTML, _ title: String, _ subject: OpeningMinutes.Subject, _ session: OpeningMinutes.Session
    ) {
        html.element("h1", title)
        if session.log == .training {
            html.element("p", say("Exercice : sans valeur pour une procédure réelle.", "Training: of no value in a real procedure."), class: "training")
        }
        html.raw("<table class=\"facts\">")
        html.pair(say("Acheteur", "Buyer"), subject.buyer)
        html.pair(say("Référence", "Reference"), subject.reference)
        html.pair(say("Intitulé", "Title"), subject.title)
        if let object = subject.object { html.pair(say("Objet", "Object"), object) }
        html.pair(say("Consultation", "Consultation"), subject.consultation.text)
        html.raw("</table>\n")
    }

    private func session(
        _ html: inout HTML, _ subject: OpeningMinutes.Subject, _ session: OpeningMinutes.Session,
        _ statement: StatementSummary, _ members: [OpeningMinutes.Member]
    ) {
        html.element("h2", say("Séance d'ouverture", "Opening session"))
        html.raw("<table class=\"facts\">")
        html.pair(say("Ouverture", "Opening"), session.opening.text)
        html.pair(say("Parties ouvertes", "Parts opened"), session.parts.joined(separator: ", "))
        html.pair(
            say("Date limite", "Deadline"), statement.deadlines.last.map { time($0, subject) } ?? "")
        html.pair(say("Annoncée le", "Announced"), time(session.announced, subject))
        html.pair(say("Clé de la plateforme remise le", "Platform's half released"), time(session.released, subject))
        html.pair(say("Conclue le", "Concluded"), time(session.concluded, subject))
        html.pair(say("Empreinte des clés", "Fingerprint of the keys"), session.fingerprint.hex)
        if let original = session.original {
            html.pair(say("Empreinte initiale, avant remplacement de la commission", "First fingerprint, before the committee was replaced"), original.hex)
        }
        html.pair(say("Quorum", "Quorum"), say("\(session.k) sur \(session.n)", "\(session.k) of \(session.n)"))
        html.raw("</table>\n<table class=\"members\">")
        html.row([say("Membre", "Member"), say("Nom", "Name"), say("A approuvé le", "Approved")], as: "th")
        for member in members {
            let role = member.number == session.announcer ? say(" (a annoncé)", " (announced)") : ""
            let paper = member.isPaper ? say(" (clé sur papier)", " (key on paper)") : ""
            html.row(["\(member.number)" + role, member.name + paper, time(member.at, subject)])
        }
        html.raw("</table>\n")
        html.element("p", say("Chaque membre a approuvé par signature électronique, à sa propre horloge.",
            "Each member approved by an electronic signature, at its own clock."), class: "small")
    }

    private func statement(
        _ html: inout HTML, _ statement: StatementSummary, _ subject: OpeningMinutes.Subject, _ refusals: Int64
    ) {
        html.element("h2", say("État de clôture", "Closing statement"))
        html.raw("<table class=\"facts\">")
        html.pair(say("Empreinte (SHA-256)", "SHA-256"), statement.digest.hex)
        html.pair(say("Position au journal", "Position in the log"), "\(statement.position)")
        for verdict in ClosingVerdict.allCases {
            if let count = statement.counts[verdict], count > 0 || verdict == .onTime || verdict == .late {
                html.pair(word(verdict), "\(count)")
            }
        }
        html.pair(say("Dépôts interrompus", "Deposits that failed"), "\(statement.attempts)")
        html.pair(say("Demandes refusées depuis", "Requests refused since"), "\(refusals)")
        html.raw("</table>\n")
        guard !statement.outages.isEmpty else { return }
        html.element("p", say("Interruptions dans les 24 heures précédentes :", "Outages of the 24 hours before:"))
        html.list(
            statement.outages.map { outage in
                time(outage.from, subject) + " – " + time(outage.to, subject) + ", " + cause(outage.cause)
            })
    }

    private func decisions(
        _ html: inout HTML, _ decisions: [OpeningMinutes.Decision], _ subject: OpeningMinutes.Subject
    ) {
        guard !decisions.isEmpty else { return }
        html.element("h2", say("Décisions", "Decisions"))
        html.list(
            decisions.map { decision in
                let what =
                    switch decision.type {
                    case "deadline-extended": say("prolongation", "extension")
                    case "reopened": say("réouverture", "reopening")
                    case "hold-waived": say("levée de la suspension", "hold waived")
                    case "keys-added": say("clés ajoutées", "keys added")
                    case "late-bid-admitted": say("offre tardive admise", "late bid admitted")
                    default: decision.type
                    }
                var text = time(decision.at, subject) + say(" : ", ": ") + what
                if let deadline = decision.deadline { text += say(", jusqu'au ", ", until ") + time(deadline, subject) }
                if let grounds = decision.grounds { text += say(". Motif : ", ". Grounds: ") + grounds }
                return text
            })
    }

    private func bid(_ html: inout HTML, _ bid: MinutesBid, _ number: Int, _ subject: OpeningMinutes.Subject) {
        html.element("h3", say("Pli \(number) – ", "Bid \(number) – ") + (bid.candidate?.lead.name ?? bid.name))
        html.raw("<table class=\"facts\">")
        html.pair(say("Identifiant", "Identifier"), bid.bid.text)
        html.pair(say("Déposant", "Depositor"), bid.name)
        if let candidate = bid.candidate {
            html.pair(say("Candidat", "Candidate"), ([candidate.lead] + candidate.members).map(\.name).joined(separator: ", "))
        }
        html.pair(say("Début de la transmission", "Transmission began"), time(bid.started, subject))
        html.pair(say("Reçu le", "Received"), time(bid.received, subject) + (bid.clock == .unsound ? say(" (horloge non sûre)", " (clock not believed)") : ""))
        html.pair(say("Enregistré le", "Recorded"), time(bid.recorded, subject))
        html.pair(say("État", "Verdict"), word(bid.verdict))
        if let previous = bid.previous { html.pair(say("Pli précédent du déposant", "Depositor's bid before it"), previous.text) }
        if let keys = bid.keys { html.pair(say("Scellé sous d'autres clés", "Sealed to other keys"), keys.hex) }
        html.pair(say("Résultat", "Result"), word(bid.result) + (bid.cause.map { say(" : ", ": ") + $0 } ?? ""))
        html.raw("</table>\n")
        guard !bid.documents.isEmpty else { return }
        html.raw("<table class=\"documents\">")
        html.row([say("Document", "Document"), say("Octets", "Bytes"), "SHA-256"], as: "th")
        for document in bid.documents {
            html.row([(document.folder.map { $0 + "/" } ?? "") + document.name, "\(document.length)", document.sha256.hex])
        }
        html.raw("</table>\n")
    }

    private func foot(_ html: inout HTML, _ digest: Digest, _ members: [OpeningMinutes.Member]) {
        html.element("h2", say("Signatures", "Signatures"))
        html.raw("<table class=\"signatures\">")
        for member in members { html.row([member.name, ""]) }
        html.raw("</table>\n")
        html.element("p", say(
            "Page établie d'après l'objet signé dont le SHA-256 est \(digest.hex), consigné au journal ; elle ne fait pas preuve par elle-même. Le contenu des offres n'a pas été apprécié.",
            "Made from the signed object whose SHA-256 is \(digest.hex), kept in the log; no evidence by itself. The content of the bids was not assessed."),
            class: "small")
    }
}
