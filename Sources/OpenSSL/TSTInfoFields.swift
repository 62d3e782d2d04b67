/// What an authority states (TSTInfo, RFC 3161, 2.4.2).
struct TSTInfoFields {
    let policy: ObjectIdentifier
    let isSHA256: Bool
    let imprint: [UInt8]
    let serial: [UInt8]
    let genTime: Int64
    let accuracy: Int64?
    let nonce: [UInt8]?

    init(_ bytes: DERReader) throws(DERReader.Failure) {
        var file = bytes
        var info = file.inside(try file.content(0x30, "the timestamp's content"))
        try file.end(of: "the timestamp's content")
        guard try info.smallNatural("the timestamp's version") == 1 else {
            throw .init(reason: "its content is not of version 1")
        }
        guard let policy = ObjectIdentifier(content: Array(info.bytes[try info.content(0x06, "the policy")])) else {
            throw .init(reason: "its policy does not read")
        }
        self.policy = policy
        var message = info.inside(try info.content(0x30, "the imprint"))
        let algorithm = try message.content(0x30, "the imprint's algorithm")
        // An imprint under another digest is well made, and over nothing of ours.
        var digest = message.inside(algorithm)
        isSHA256 = info.bytes[try digest.content(0x06, "the imprint's algorithm")].elementsEqual(TimestampOID.sha2 + [1])
        let octets = try message.content(0x04, "the imprint")
        guard (1...64).contains(octets.count) else { throw .init(reason: "its imprint is no digest") }
        imprint = Array(info.bytes[octets])
        try message.end(of: "the imprint")
        // RFC 3161: requesters take serial numbers of up to 160 bits.
        serial = try info.natural("the serial number", max: 20)
        genTime = try Self.milliseconds(Array(info.bytes[try info.content(0x18, "the instant")]))
        accuracy = try info.optional(0x30, "the accuracy").map { (range) throws(DERReader.Failure) in
            try Self.microseconds(info.inside(range))
        }
        if let ordering = try info.optional(0x01, "the ordering"), info.bytes[ordering] != [0xff] {
            throw .init(reason: "its ordering is not DER's")
        }
        nonce = info.tag == 0x02 ? try info.natural("the nonce", max: 64) : nil
        _ = try info.optional(0xa0, "the authority's name")
        if let extensions = try info.optional(0xa1, "the extensions") {
            try Self.refuseCritical(info.inside(extensions))
        }
        try info.end(of: "the timestamp's content")
    }

    /// GeneralizedTime as RFC 3161 has it: `20261123170008.918Z`, the fraction without a zero at its end.
    static func milliseconds(_ text: [UInt8]) throws(DERReader.Failure) -> Int64 {
        let failure = DERReader.Failure(reason: "its instant is not as RFC 3161 writes it")
        guard (15...25).contains(text.count), text.last == 0x5a,
            text.prefix(14).allSatisfy({ (0x30...0x39).contains($0) })
        else { throw failure }
        func number(_ range: Range<Int>) -> Int64 { text[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) } }
        let (year, month, day) = (number(0..<4), number(4..<6), number(6..<8))
        let (hour, minute, second) = (number(8..<10), number(10..<12), number(12..<14))
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard year >= 1970, (1...12).contains(month), day >= 1, day <= lengths[Int(month) - 1], hour < 24, minute < 60,
            second < 60
        else { throw failure }
        var fraction: Int64 = 0
        if text.count > 15 {
            let digits = text[15..<(text.count - 1)]
            guard text[14] == 0x2e, let last = digits.last, last != 0x30,
                digits.allSatisfy({ (0x30...0x39).contains($0) })
            else { throw failure }
            fraction = (Array(digits.prefix(3)) + [0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        // Days from 1970 (H. Hinnant, days_from_civil).
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + fraction
    }

    private static func microseconds(_ reader: DERReader) throws(DERReader.Failure) -> Int64 {
        var reader = reader
        var sum: Int64 = 0
        if reader.tag == 0x02 { sum = Int64(try reader.smallNatural("the accuracy's seconds")) * 1_000_000 }
        for (tag, unit) in [(UInt8(0x80), Int64(1000)), (0x81, 1)] {
            guard let range = try reader.optional(tag, "the accuracy") else { continue }
            let value = reader.bytes[range].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            guard (1...2).contains(range.count), reader.bytes[range.lowerBound] < 0x80, (1...999).contains(value) else {
                throw .init(reason: "its accuracy is out of bounds")
            }
            sum += value * unit
        }
        try reader.end(of: "the accuracy")
        return sum
    }

    private static func refuseCritical(_ list: DERReader) throws(DERReader.Failure) {
        var list = list
        while !list.isAtEnd {
            var one = list.inside(try list.content(0x30, "an extension"))
            _ = try one.content(0x06, "an extension's name")
            guard try one.optional(0x01, "critical") == nil else {
                throw .init(reason: "it has an extension that must be understood, and is not")
            }
            _ = try one.content(0x04, "an extension's value")
            try one.end(of: "an extension")
        }
    }
}
