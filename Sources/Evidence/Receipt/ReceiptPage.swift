internal import Canonical
internal import Procurement
internal import Sealing

/// `receipt.html`: the receipt for people, in French and English, on one sheet of A4 where the documents allow it.
///
/// It proves nothing: it repeats what the other entries say, and a verifier makes it again from them and compares. It asks
/// nothing of a network, runs nothing, and takes no text of others for markup. The five legal mentions are numbered.
struct ReceiptPage {
    /// Where the leaf stands.
    struct Place {
        let origin: String
        let index: Int
        let size: Int
    }

    /// What stamped it.
    struct Stamp {
        let instant: Instant
        let authority: String
    }

    let leaf: [UInt8]
    let event: Event
    let bid: BidReceived
    let seal: Seal
    /// Empty in a copy without them.
    let manifests: [Manifest]
    let place: Place
    /// nil while the receipt is provisional.
    let stamp: Stamp?

    var html: String {
        // The page's own style and no other: not even what a text of others might smuggle in.
        let style = "\n\(Self.style(bid: bid.bid.text))\n"
        return """
        <!DOCTYPE html>
        <html lang="fr">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-\(Base64.encode(Digest(of: Array(style.utf8)).bytes))'">
        <meta name="referrer" content="no-referrer">
        <meta name="viewport" content="width=device-width">
        <title>Récépissé de dépôt \(bid.bid.text)</title>
        <style>\(style)</style>
        </head>
        <body>
        \(training)<header>
        <h1>\(Markup.both("Récépissé de dépôt", "Receipt of deposit"))</h1>
        \(verdict)
        </header>
        \(mentions)
        \(documents)
        \(proof)
        \(notes)
        </body>
        </html>

        """
    }

    private var training: String {
        guard event.log == .training else { return "" }
        return """
            <p class="training">\(Markup.both("ENTRAÎNEMENT : ce dépôt n’a aucune valeur.", "TRAINING: this deposit counts for nothing."))</p>

            """
    }

    private var verdict: String {
        let (style, french, english) =
            switch bid.verdict {
            case .onTime: ("good", "Reçu dans les délais", "Received on time")
            case .late: ("bad", "Reçu HORS DÉLAI", "Received LATE")
            case .pending: ("bad", "Délai à juger : horloge fausse", "To be judged: clock wrong")
            }
        return "<p class=\"verdict \(style)\">\(Markup.both(french, english))</p>"
    }

    // MARK: The five mentions

    private var mentions: String {
        let registration =
            switch bid.by.registration?.scheme {
            case .siret: "<br>SIRET \(Markup.text(bid.by.registration?.number ?? ""))"
            case .foreign: "<br>\(Markup.both("immatriculation", "registration")) <bdi>\(Markup.text(bid.by.registration?.number ?? ""))</bdi>"
            case nil: ""
            }
        let object = bid.subject.object.map { "<br><bdi>\(Markup.text($0))</bdi>" } ?? ""
        return """
            <table class="facts">
            \(row("1", "Déposant", "Depositor", "<b><bdi>\(Markup.text(bid.by.name))</bdi></b>\(registration)"))
            \(row("2", "Acheteur", "Buyer", "<b><bdi>\(Markup.text(bid.subject.buyer))</bdi></b>"))
            \(row("3", "Consultation, objet", "Procedure, object", "<b><bdi>\(Markup.text(bid.subject.title))</bdi></b>\(object)<br>\(Markup.both("référence", "reference")) <bdi>\(Markup.text(bid.subject.reference))</bdi>"))
            \(row("4", "Reçu le", "Received", "<b>\(instant(bid.received))</b>"))
            \(row("", "Date limite", "Deadline", instant(bid.deadline) + (bid.deadlineVersion > 1 ? " (\(Markup.both("version", "version")) \(bid.deadlineVersion))" : "")))
            \(row("", "Transmission", "Transmission", transmission))
            </table>
            """
    }

    private var transmission: String {
        let clock =
            switch bid.clock {
            case .sound: Markup.both("horloge vérifiée", "clock checked")
            case .unsound: "<b>\(Markup.both("horloge reconnue fausse", "clock known to be wrong"))</b>"
            case .unjudged: Markup.both("horloge non vérifiée", "clock not checked")
            }
        return """
            \(Markup.both("début", "started")) \(utc(bid.started)) · \(Markup.both("premier octet", "first byte")) \(utc(bid.firstByte))<br>\
            \(Markup.both("enregistré", "recorded")) \(utc(bid.recorded)) · \(clock)
            """
    }

    private func row(_ number: String, _ french: String, _ english: String, _ value: String) -> String {
        "<tr><th scope=\"row\">\(number.isEmpty ? "" : "<i>\(number)</i>")\(french)<br><span lang=\"en\" class=\"en\">\(english)</span></th><td>\(value)</td></tr>"
    }

    /// In the consultation's zone, in both languages, and in UTC.
    private func instant(_ instant: Instant) -> String {
        guard let local = LocalTime(instant, zone: bid.subject.timeZone) else { return utc(instant) }
        return "\(local.french) (\(Markup.text(bid.subject.timeZone)), \(local.offset))<br><span lang=\"en\" class=\"en\">\(local.english)</span> · \(utc(instant))"
    }

    private func utc(_ instant: Instant) -> String { "<span class=\"utc\">\(instant.description)</span>" }

    // MARK: The documents

    private var documents: String {
        let title = Markup.both("Documents reçus : \(bid.documents)", "Documents received: \(bid.documents)")
        guard !manifests.isEmpty || seal.sealedBy == .platform else { return sealedLists(title) }
        guard !manifests.isEmpty else {
            return """
                <h2><i>5</i>\(title)</h2>
                <p class="withheld">\(Markup.both("Cet exemplaire est sans leur liste, que le code de l’offre ouvre.", "This copy lacks their list, which the bid code opens."))</p>
                """
        }
        var rows = ""
        var number = 0
        for manifest in manifests {
            for document in manifest.documents {
                number += 1
                let name = (document.folder.map { Markup.text($0) + " / " } ?? "") + Markup.text(document.name)
                let part = manifests.count > 1 ? " <span class=\"en\">\(Markup.text(manifest.part))</span>" : ""
                rows += """
                    <tr><td class="n">\(number)</td><td class="name"><bdi>\(name)</bdi>\(part)</td>\
                    <td class="n">\(Markup.number(document.length))</td><td class="hash">\(document.sha256.hex)</td></tr>

                    """
            }
        }
        return """
            <h2><i>5</i>\(title)</h2>
            <table class="documents">
            <thead><tr><th class="n">N°</th><th>\(Markup.both("Nom", "Name"))</th><th class="n">\(Markup.both("Octets", "Bytes"))</th><th>SHA-256</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table>
            """
    }
}
