import OpenSSL

/// The embedded time-stamping authority, ready to sign: it has stamped once, and the token holds under its own authority.
struct TimestampKeys {
    let authority: TimestampAuthority
    let certificate: Certificate
    let ca: Certificate

    /// - Parameter now: seconds since 1970.
    /// - Throws: as ``KeyFiles``, and where the certificate was not issued by the authority's.
    init(_ configured: Configuration.Timestamp, now: Int64) throws(DaemonError) {
        do { try AuthorityRotation.finish(configured) } catch {
            throw DaemonError("the change of the timestamp authority \(configured.authority) could not be ended: \(error)")
        }
        let files = try KeyFiles(configured.pair, for: .timestamp, now: now)
        let what = "the certificate of the timestamp authority"
        let pem = try FileState.read(configured.authority, what: what, max: DefaultLimits.keyFileBytes)
        do { ca = try Certificate(pem: pem) } catch {
            throw DaemonError("\(what) \(configured.authority) is not a certificate in PEM")
        }
        try KeyFiles.check(ca, named: "\(what) \(configured.authority)", usage: .authority, now: now)
        certificate = files.certificate
        do {
            authority = try TimestampAuthority(key: files.intoKey(), certificate: certificate)
            try Self.rehearse(authority, ca, now: now)
        } catch {
            throw DaemonError(
                "the timestamp certificate \(configured.pair.certificate) does not hold under \(configured.authority): \(error)",
                hint: "give the certificate of the authority that issued it")
        }
    }

    /// One token, thrown away: what would fail at the first bid fails here.
    private static func rehearse(_ authority: TimestampAuthority, _ ca: Certificate, now: Int64) throws {
        let request = try TimestampRequest(imprint: SHA256.hash(Array("rehearsal".utf8)))
        _ = try TimestampResponse.token(of: authority.answer(request.der, at: now * 1000), to: request, trust: [ca])
    }
}
