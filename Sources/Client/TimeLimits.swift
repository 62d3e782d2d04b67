/// How long each phase of an exchange may take, in milliseconds.
public struct TimeLimits: Sendable {
    /// TCP or unix connection, each address tried.
    public let connect: Int64
    public let handshake: Int64
    /// Without a byte going either way while a body is on its way.
    public let idle: Int64
    /// From the last byte of the request to the head of the final answer.
    public let answer: Int64
    /// For `100 Continue`; after that the body is sent unasked (RFC 9110 §10.1.1).
    public let consent: Int64

    public init(
        connect: Int64 = 10_000, handshake: Int64 = 10_000, idle: Int64 = 60_000, answer: Int64 = 120_000,
        consent: Int64 = 5_000
    ) {
        self.connect = connect
        self.handshake = handshake
        self.idle = idle
        self.answer = answer
        self.consent = consent
    }
}
