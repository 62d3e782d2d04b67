import Client
import OpenSSL
import Reception

/// The external time-stamping authorities of the configuration: `timestamps`.
struct Timestamps: Sendable, Equatable {
    /// Milliseconds.
    struct Limits: Sendable, Equatable {
        var connect = DefaultLimits.authorityConnectSeconds * 1000
        var answer = DefaultLimits.authorityAnswerSeconds * 1000
    }

    struct Authority: Sendable, Equatable {
        let address: WebAddress
        /// Path of the certificates (PEM) under which its tokens hold.
        let ca: String
        let policy: ObjectIdentifier?
        /// Path of a file with the value of its `Authorization` field.
        let authorization: String?
        /// Path of the certificates for its TLS; the operating system's where nil.
        let tlsCA: String?
    }

    var authorities: [Authority] = []
    var isRequired = false
    var limits = Limits()

    init() {}

    init(_ settings: consuming Settings, in folder: String) throws(DaemonError) {
        isRequired = try settings.bool("required", default: false)
        limits.connect = try settings.integer("connectSeconds", in: 1...300, default: DefaultLimits.authorityConnectSeconds) * 1000
        limits.answer = try settings.integer("answerSeconds", in: 1...300, default: DefaultLimits.authorityAnswerSeconds) * 1000
        authorities = try settings.objects("authorities", max: 8) { (one) throws(DaemonError) in
            try Authority(&one, in: folder)
        }
        try settings.finish()
    }

    /// Reads the files that it names.
    ///
    /// - Throws: what is wrong with which file. An authority that does not answer is nobody's error here.
    func sources() throws(DaemonError) -> [ExternalAuthority] {
        var sources: [ExternalAuthority] = []
        for one in authorities {
            let what = "the certificates of the timestamp authority \(one.address.host)"
            let pem = try FileState.read(one.ca, what: what, max: DefaultLimits.keyFileBytes)
            let trust: [Certificate]
            do { trust = try Certificate.all(pem: pem) } catch {
                throw DaemonError("\(what), \(one.ca), are not certificates in PEM")
            }
            let tls: Trust
            if let file = one.tlsCA {
                tls = .authorities(
                    pem: try FileState.read(
                        file, what: "the TLS certificates of \(one.address.host)", max: DefaultLimits.keyFileBytes))
            } else {
                tls = .system
            }
            sources.append(
                ExternalAuthority(
                    address: one.address, trust: trust, policy: one.policy, authorization: try one.credential(), tls: tls,
                    limits: limits))
        }
        return sources
    }
}

extension Timestamps.Authority {
    fileprivate init(_ settings: inout Settings, in folder: String) throws(DaemonError) {
        let text = try settings.string("url")
        do { address = try WebAddress(parsing: text) } catch {
            throw settings.bad("url", "an address such as \"http://tsa.example/tsr\" is expected")
        }
        ca = Configuration.path(try settings.string("ca"), in: folder)
        if let text = try settings.optionalString("policy") {
            guard let policy = ObjectIdentifier(text) else {
                throw settings.bad("policy", "an object identifier such as \"1.2.250.1\" is expected")
            }
            self.policy = policy
        } else {
            policy = nil
        }
        authorization = try settings.optionalString("authorization").map { Configuration.path($0, in: folder) }
        tlsCA = try settings.optionalString("tlsCa").map { Configuration.path($0, in: folder) }
        guard authorization == nil || !address.isInTheClear else {
            throw settings.bad("authorization", "over http:// everyone on the way could read it", hint: "give an https:// url")
        }
        try settings.finish()
    }

    /// The first line of the file that `authorization` names: `Bearer …`, `Basic …`.
    fileprivate func credential() throws(DaemonError) -> String? {
        guard let authorization else { return nil }
        let what = "the credential for \(address.host)"
        let state = try FileState(authorization, what: what)
        guard state.mode & 0o077 == 0 else {
            throw DaemonError(
                "\(what), \(authorization), can be read by others (mode \(String(state.mode, radix: 8)))",
                hint: "chmod 600 \(authorization), and have a new credential made if somebody may have read it")
        }
        let bytes = try FileState.read(authorization, what: what, max: 4096)
        let line = String(decoding: bytes.prefix { $0 != 0x0a && $0 != 0x0d }, as: UTF8.self)
        guard !line.isEmpty, line.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw DaemonError("\(what), \(authorization), is not one line such as \"Bearer …\" or \"Basic …\"")
        }
        return line
    }
}
