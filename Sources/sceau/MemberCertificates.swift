import Canonical
import OpenSSL
import Sealing

/// Members as a command line names them: `CERT`, `CERT,SIGNING`, and in a standing committee `…@FROM..UNTIL`.
struct MemberCertificates {
    let certificate: Certificate
    let signing: Certificate?
    let name: String

    init(_ argument: String) throws(CommandError) {
        let whole = try? InputFile(argument)
        let paths =
            whole == nil && argument.contains(",")
            ? argument.split(separator: ",", maxSplits: 1).map(String.init) : [argument]
        certificate = try Self.certificate(paths[0])
        signing = paths.count == 2 ? try Self.certificate(paths[1]) : nil
        guard let name = certificate.commonName, !name.isEmpty else {
            throw CommandError("the certificate in '\(paths[0])' names nobody", hint: "it needs a common name (CN)")
        }
        self.name = name
    }

    var member: CommitteeMember { CommitteeMember(name: name, certificate: certificate, signing: signing) }

    static func certificate(_ path: String) throws(CommandError) -> Certificate {
        let bytes = try InputFile.read(path, max: 256 * 1024)
        do { return try Certificate(pem: bytes) } catch {
            throw CommandError("'\(path)' holds no certificate that can be read (PEM)")
        }
    }
}

extension StandingCommittee.Member {
    /// - Parameter argument: `CERT[,SIGNING][@FROM..UNTIL]`; either date may be left out.
    init(_ argument: String, from: Instant, until: Instant?) throws(CommandError) {
        var (from, until) = (from, until)
        var files = argument
        if (try? InputFile(argument)) == nil, let at = argument.lastIndex(of: "@"), let dots = argument[at...].firstRange(of: "..") {
            let (first, last) = (argument[argument.index(after: at)..<dots.lowerBound], argument[dots.upperBound...])
            if !first.isEmpty { from = try Instant(day: String(first), isEnd: false) }
            if !last.isEmpty { until = try Instant(day: String(last), isEnd: true) }
            files = String(argument[..<at])
        }
        let given = try MemberCertificates(files)
        self.init(name: given.name, certificate: given.certificate, signing: given.signing, from: from, until: until)
    }
}

extension Instant {
    /// A day (`2028-03-31`, in UTC), or an instant. The end of a day is its last moment's end.
    init(day text: String, isEnd: Bool) throws(CommandError) {
        if let instant = Instant(anyForm: text) {
            self = instant
        } else if let midnight = try? Instant(parsing: text + "T00:00:00.000Z") {
            self = isEnd ? midnight.advanced(bySeconds: 86_400) : midnight
        } else {
            throw .usage("'\(text)' is no day", hint: "write 2028-03-31, or an instant: 2028-03-31T22:00:00Z")
        }
    }
}
