import Canonical
import HTTP
import Procurement

/// The one place where a refusal becomes an answer: a problem document (RFC 9457) with a stable `type`, a sentence in the
/// asked language, and a reference under which the daemon's log knows the request. Never an internal message.
struct Problem {
    let kind: Refusal.Kind?
    let status: Int
    let detail: String?
    let possibleAt: Instant?
    let reference: String
    /// The number of an attempt at a deposit, under which its depositor can ask what is kept of it.
    let attempt: Identifier?

    init(_ refusal: Refusal, reference: String, attempt: Identifier? = nil) {
        kind = refusal.kind
        status = Problem.status(refusal.kind)
        detail = refusal.detail
        possibleAt = refusal.possibleAt
        self.reference = reference
        self.attempt = attempt
    }

    /// Something that should not happen: a bare 500, whose cause only the daemon's log knows.
    init(internalUnder reference: String, attempt: Identifier? = nil) {
        kind = nil
        status = 500
        detail = nil
        possibleAt = nil
        self.reference = reference
        self.attempt = attempt
    }

    func response(in language: Language) -> Response {
        var fields: [String: JSON] = [
            "type": .string("/problems/\(kind?.rawValue ?? "internal")"),
            "title": .string(kind.map(language.title) ?? language.internalTitle),
            "status": .integer(Int64(status)), "reference": .string(reference),
        ]
        fields["detail"] = detail.map(JSON.string)
        fields["possibleAt"] = possibleAt.map(JSON.instant)
        fields["attempt"] = attempt.map(JSON.identifier)
        var headers = [("Content-Type", "application/problem+json"), ("Content-Language", language.rawValue)]
        if let attempt { headers.append(("Attempt", attempt.text)) }
        if status == 401 { headers.append(("WWW-Authenticate", "Bearer realm=\"sceau\"")) }
        if kind == .rate { headers.append(("Retry-After", "1")) }
        if kind == .busy || kind == .stopping || kind == .clock || kind == .mirror { headers.append(("Retry-After", "5")) }
        return Response(status: status, fields: headers, body: .bytes(JSON.object(fields).encoded() + [0x0a]))
    }

    static func status(_ kind: Refusal.Kind) -> Int {
        switch kind {
        case .unauthenticated: 401
        case .forbidden, .withheld, .notAMember: 403
        case .notFound: 404
        case .method: 405
        case .phase, .frozen, .notYet, .held, .tooLate, .quorum, .alreadyDone, .timestamps, .offset, .incomplete, .superseded: 409
        case .gone: 410
        // tus 1.0, Checksum.
        case .checksum: 460
        case .version: 412
        case .rate: 429
        case .lengthRequired: 411
        case .tooLarge: 413
        case .unsupported: 415
        case .malformed: 400
        case .invalid, .fingerprint, .keys, .signature, .share, .receipt, .name, .idempotency, .seal: 422
        case .busy, .stopping, .clock, .mirror: 503
        case .storage: 507
        }
    }
}

/// The languages people are answered in.
enum Language: String {
    case french = "fr"
    case english = "en"

    /// The first of `Accept-Language` that is ours (RFC 9110, 12.5.4, without weights); English where none is.
    init(accepting value: String?) {
        for entry in (value ?? "").prefix(200).split(separator: ",").prefix(8) {
            let tag = entry.prefix { $0 != ";" }.drop { $0 == " " }.lowercased()
            if tag.hasPrefix("fr") { self = .french; return }
            if tag.hasPrefix("en") { self = .english; return }
        }
        self = .english
    }

    var internalTitle: String {
        self == .french ? "Une erreur interne s'est produite." : "Something went wrong inside."
    }

    func title(_ kind: Refusal.Kind) -> String {
        let (english, french) = Language.titles(kind)
        return self == .french ? french : english
    }

    private static func titles(_ kind: Refusal.Kind) -> (String, String) {
        switch kind {
        case .unauthenticated: ("A valid token is needed.", "Un jeton valide est nécessaire.")
        case .forbidden: ("You may not do this.", "Vous n'avez pas ce droit.")
        case .notFound: ("There is no such thing here.", "Cela n'existe pas ici.")
        case .method: ("This cannot be done here.", "Cette méthode n'est pas possible ici.")
        case .malformed: ("The request is malformed.", "La requête est mal formée.")
        case .invalid: ("A value is not acceptable.", "Une valeur n'est pas acceptable.")
        case .phase: ("Not in this phase.", "Pas dans cette phase.")
        case .frozen: ("Frozen after a loss.", "Gelé après une perte.")
        case .notYet: ("Not yet.", "Pas encore.")
        case .held: ("The opening is held.", "L'ouverture est suspendue.")
        case .tooLate: ("Too late.", "Trop tard.")
        case .quorum: ("The quorum is not reached.", "Le quorum n'est pas atteint.")
        case .withheld: ("This bid stays sealed.", "Cette offre reste scellée.")
        case .notAMember: ("Not a member of this committee.", "Pas un membre de cette commission.")
        case .alreadyDone: ("This was done already.", "Cela a déjà été fait.")
        case .fingerprint: ("Another fingerprint.", "L'empreinte n'est pas la bonne.")
        case .keys: ("The key set is not acceptable.", "Le jeu de clés n'est pas acceptable.")
        case .signature: ("The signature does not hold.", "La signature n'est pas valable.")
        case .share: ("The shares are not acceptable.", "Les parts ne sont pas acceptables.")
        case .receipt: ("The receipt does not hold here.", "Le récépissé n'est pas valable ici.")
        case .name: ("The file name is not acceptable.", "Le nom du fichier n'est pas acceptable.")
        case .tooLarge: ("Larger than the limit.", "Plus grand que la limite.")
        case .lengthRequired: ("A length is needed.", "Une longueur est nécessaire.")
        case .idempotency: ("This key was used for something else.", "Cette clé a servi à autre chose.")
        case .busy: ("Too much at once; try again.", "Trop à la fois ; réessayez.")
        case .storage: ("No room left.", "Plus de place.")
        case .clock: ("The clock is not sound.", "L'horloge n'est pas sûre.")
        case .mirror: ("The mirror is away; try again.", "Le miroir est absent ; réessayez.")
        case .unsupported: ("This form is not known.", "Ce format n'est pas connu.")
        case .timestamps: ("An external time-stamping authority is needed.", "Une autorité d'horodatage externe est nécessaire.")
        case .gone: ("It is no longer there.", "Cela n'est plus là.")
        case .offset: ("The upload stands elsewhere.", "Le téléversement en est ailleurs.")
        case .checksum: ("The bytes are not those that were sent.", "Les octets reçus ne sont pas ceux qui ont été envoyés.")
        case .incomplete: ("The bid is not complete.", "L'offre n'est pas complète.")
        case .version: ("Another version of the protocol.", "Une autre version du protocole.")
        case .rate: ("Too often.", "Trop souvent.")
        case .seal: ("The sealed bid does not hold.", "L'offre scellée n'est pas cohérente.")
        case .superseded: ("Another request took over.", "Une autre requête a pris le relais.")
        case .stopping: ("The daemon is stopping; try again.", "Le service s'arrête ; réessayez.")
        }
    }
}
