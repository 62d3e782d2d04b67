internal import Canonical
internal import Procurement
internal import Sealing

extension ReceiptPage {
    /// Of a bid that its bidder sealed, in a copy without its lists: what the platform can say of them.
    func sealedLists(_ title: String) -> String {
        let rows = seal.parts.map { "<tr><td class=\"name\">\(Markup.text($0.part))</td><td class=\"hash\">\($0.contents.hex)</td></tr>\n" }
        return """
            <h2><i>5</i>\(title)</h2>
            <p class="withheld">\(Markup.both("Scellés par le soumissionnaire avant l’envoi : la plateforme ne connaît leur liste que par son empreinte ; l’outil du soumissionnaire l’ajoute.", "Sealed by the bidder before sending: the platform knows their list by its digest only; the bidder’s tool adds it."))</p>
            <table class="documents">
            <thead><tr><th>\(Markup.both("Partie", "Part"))</th><th>SHA-256</th></tr></thead>
            <tbody>
            \(rows.joined())</tbody>
            </table>
            """
    }

    /// What a verifier needs to be told apart from any other receipt.
    var proof: String {
        let sealer =
            switch bid.sealedBy {
            case .platform: Markup.both("scellée par la plateforme à son arrivée", "sealed by the platform on arrival")
            case .bidder: Markup.both("arrivée scellée par le déposant", "arrived sealed by the bidder")
            }
        let time =
            stamp.map {
                "\(utc($0.instant)) · <bdi>\(Markup.text($0.authority))</bdi>"
            }
            ?? Markup.both(
                "récépissé provisoire : le jeton d’horodatage suivra",
                "provisional receipt: the timestamp token will follow")
        return """
            <h2>\(Markup.both("Preuve", "Proof"))</h2>
            <table class="facts proof">
            \(row("Offre", "Bid", "<code>\(bid.bid.text)</code> · \(sealer)"))
            \(row("Sceau", "Seal", "<code>\(bid.seal.hex)</code>"))
            \(row("Clés", "Keys", "<code>\(bid.keys.hex)</code>"))
            \(row("Événement", "Event", "<code>\(Digest(of: leaf).hex)</code>"))
            \(row("Journal", "Log", "\(Markup.both("feuille", "leaf")) <b>\(place.index)</b> / \(place.size) · <code>\(Markup.text(place.origin))</code>"))
            \(row("Horodatage", "Timestamp", time))
            \(row("Limites", "Limits", limits))
            \(row("Autres offres", "Other bids", chain))
            </table>
            """
    }

    private func row(_ french: String, _ english: String, _ value: String) -> String {
        "<tr><th scope=\"row\">\(Markup.both(french, english))</th><td>\(value)</td></tr>"
    }

    private func utc(_ instant: Instant) -> String { "<span class=\"utc\">\(instant.description)</span>" }

    private var limits: String {
        let limits = bid.subject.limits
        return """
            \(Markup.both("document", "document")) \(Markup.number(limits.document)) · \(Markup.both("offre", "bid")) \(Markup.number(limits.bid)) \
            \(Markup.both("octets", "bytes")) · \(Markup.number(limits.documents)) documents
            """
    }

    /// What the bidder said of an earlier bid of its own (R2151-6).
    private var chain: String {
        let intent =
            switch bid.intent {
            case .unstated:
                Markup.both(
                    "rien n’est dit : la dernière reçue dans les délais est ouverte",
                    "nothing said: the last one on time is opened")
            case .replaces: Markup.both("remplace la précédente", "replaces the previous one")
            case .complements: Markup.both("complète la précédente", "complements the previous one")
            }
        guard let previous = bid.previous else { return Markup.both("aucune auparavant", "none before") + " · " + intent }
        return "\(Markup.both("précédente", "previous")) <code>\(previous.text)</code> · \(intent)"
    }

    var notes: String {
        """
        <footer>
        <p>Le contenu des documents n’a pas été examiné : ce récépissé ne dit rien de leur lisibilité, de leur complétude ni de \
        leur conformité. Une copie de sauvegarde peut être remise à l’acheteur dans les délais, sur papier, sur un support \
        physique ou par la voie que le règlement indique, sous la mention « copie de sauvegarde » avec le nom du candidat et la \
        consultation ; elle n’est ouverte que si l’offre électronique est infectée, ou si, transmise en partie dans les délais, elle est \
        incomplète, tardive ou illisible.</p>
        <p lang="en">The content of the documents was not assessed: this receipt says nothing of their being readable, complete or \
        compliant. A copy of safeguard may be handed to the buyer before the deadline, on paper, on a physical medium or as the tender documents say, marked \
        “copie de sauvegarde” with the candidate’s name and the procedure; it is opened only if the electronic bid is infected, or if \
        its transmission had begun in time and it is incomplete, late or unreadable.</p>
        <p>Cette page ne prouve rien par elle-même : la preuve est le fichier qui la contient, à conserver avec les documents et le \
        code de l’offre. Il se vérifie hors ligne : <code>sceau verify</code>, ou <code>VERIFIER.txt</code>. \
        <span lang="en">This page proves nothing by itself: the proof is the file that it came in; keep it with the documents and the bid \
        code. It is verified offline, by <code>sceau verify</code> or as <code>VERIFIER.txt</code> says.</span></p>
        </footer>
        """
    }

    static func style(bid: String) -> String {
        """
        @page { size: A4; margin: 11mm 14mm 13mm; @bottom-left { content: "Récépissé \(bid)"; font: 7pt sans-serif; color: #555 } \
        @bottom-right { content: counter(page) " / " counter(pages); font: 7pt sans-serif; color: #555 } }
        * { box-sizing: border-box }
        body { font: 9pt/1.3 "Liberation Sans", Arial, "DejaVu Sans", sans-serif; color: #111; background: #fff; max-width: 182mm; margin: 0 auto; padding: 0 2mm }
        header { display: flex; justify-content: space-between; align-items: center; gap: 6mm; border-bottom: 1.5pt solid #1d3557; padding-bottom: 2mm; margin-bottom: 2mm }
        h1 { font-size: 17pt; margin: 0; color: #1d3557; line-height: 1.1 }
        h1 .en { display: block; font-size: 11pt; font-weight: normal }
        h2 { font-size: 10.5pt; margin: 3mm 0 1mm; color: #1d3557; break-after: avoid }
        i { display: inline-block; width: 4.2mm; height: 4.2mm; margin-right: 1.5mm; border-radius: 50%; background: #1d3557; color: #fff; font: bold 7pt/4.2mm sans-serif; text-align: center; vertical-align: 0.2mm; -webkit-print-color-adjust: exact; print-color-adjust: exact }
        .en { color: #555; font-size: 0.88em }
        .utc, code, .hash { font-family: "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: 0.88em; color: #222 }
        code { overflow-wrap: anywhere }
        .verdict { margin: 0; padding: 1.5mm 4mm; border: 1.5pt solid; font-size: 12pt; font-weight: bold; text-align: center; white-space: nowrap }
        .verdict .en { display: block; color: inherit; font-size: 9pt; font-weight: normal }
        .good { color: #1b5e20 } .bad { color: #b00020 }
        .training { margin: 0 0 2mm; padding: 2mm; background: #ffe08a; border: 2pt solid #111; text-align: center; font-size: 13pt; font-weight: bold; -webkit-print-color-adjust: exact; print-color-adjust: exact }
        .training .en { display: block; color: #111; font-size: 9.5pt }
        table { width: 100%; border-collapse: collapse }
        th, td { text-align: left; vertical-align: top; padding: 0.9mm 1.5mm; border-bottom: 0.4pt solid #bbb; overflow-wrap: anywhere }
        .facts th { width: 37mm; font-weight: 600; overflow-wrap: normal }
        .proof { font-size: 8pt } .proof th { width: 37mm } .proof th, .proof td { padding: 0.5mm 1.5mm }
        .documents { font-size: 8.5pt } .documents thead { display: table-header-group } .documents tr { break-inside: avoid }
        .documents th { border-bottom: 0.8pt solid #111; white-space: nowrap }
        .documents .n { text-align: right; white-space: nowrap; width: 1% }
        .hash { font-size: 6.4pt; width: 1%; white-space: nowrap; vertical-align: middle }
        .proof, footer { break-inside: avoid }
        footer { margin-top: 2.5mm; font-size: 7.3pt; line-height: 1.25; color: #222 } footer p { margin: 0 0 1mm }
        @media screen and (max-width: 150mm) { header { display: block } .hash { white-space: normal; width: auto } .verdict { margin-top: 2mm } .facts th { width: 30% } }
        """
    }
}
