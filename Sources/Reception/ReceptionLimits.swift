public import Procurement

/// The limits of the reception as a whole. Values live in the daemon's configuration.
public struct ReceptionLimits: Sendable {
    /// Public, and fixed for each consultation at its creation.
    public let deposits: Limits
    public let uploadsPerAccount: Int
    /// Requests of one account's users, over a burst of ten seconds' worth.
    public let requestsPerSecond: Int
    public let bytesPerAccount: Int64
    /// How much of the room that is free one account may be promised; small bids are let in all the same.
    public let percentPerAccount: Int64
    /// Bytes of the disk that only the register may use.
    public let registerReserve: Int64
    /// Bids below this length (bytes) may use the last part of the disk.
    public let smallBid: Int64
    /// That last part, in percent.
    public let reservedPercent: Int64
    public let inodeReserve: Int64
    /// Refusals of one signed-in user that become events, each minute; more are counted.
    public let refusalsPerMinute: Int
    /// Sources whose refusals are counted apart, each minute; more are counted together.
    public let countedSources: Int
    /// Days after which a member who has not opened its share again is reminded.
    public let rehearsalDays: Int

    public init(
        deposits: Limits, uploadsPerAccount: Int, requestsPerSecond: Int = 100, bytesPerAccount: Int64, percentPerAccount: Int64 = 100,
        registerReserve: Int64, smallBid: Int64, reservedPercent: Int64, inodeReserve: Int64, refusalsPerMinute: Int, countedSources: Int,
        rehearsalDays: Int = 90
    ) {
        self.deposits = deposits
        self.uploadsPerAccount = uploadsPerAccount
        self.requestsPerSecond = requestsPerSecond
        self.bytesPerAccount = bytesPerAccount
        self.percentPerAccount = percentPerAccount
        self.registerReserve = registerReserve
        self.smallBid = smallBid
        self.reservedPercent = reservedPercent
        self.inodeReserve = inodeReserve
        self.refusalsPerMinute = refusalsPerMinute
        self.countedSources = countedSources
        self.rehearsalDays = rehearsalDays
    }
}
