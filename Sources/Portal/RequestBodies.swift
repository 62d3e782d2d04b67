import Canonical
import Foundation
import Procurement

// What the API's requests hold. They are neither signed nor hashed as they come: signed objects travel inside, as the
// base64 of their canonical bytes.

struct NewConsultation: Decodable {
    let reference: String
    let title: String
    let object: String?
    let deadline: String
    let timeZone: String?
    let training: Bool?
    let parts: [String]?
}

struct NewKeys: Decodable {
    let keySet: Data
    let capsules: [Data]
}

struct SignedObject: Decodable {
    let signed: Data
}

struct NewCommittee: Decodable {
    let committee: Data
    /// Digest of the one that it was made from.
    let replaces: String?
}

struct NewOpening: Decodable {
    let signed: Data
    let committee: Data?
}

struct NewMinutes: Decodable {
    let signed: Data
    let extract: Data?
}

struct NewPublication: Decodable {
    let fingerprint: String
}

struct NewKeysAdded: Decodable {
    let fingerprint: String
    let grounds: String
}

struct NewUnfreezing: Decodable {
    let ground: String
}

struct NewArchiving: Decodable {
    let grounds: String?
}

struct NewHostKey: Decodable {
    let kind: String
    /// PEM.
    let certificate: String?
    /// URI.
    let key: String?
    let hosts: [String]?
}

struct NewRetirement: Decodable {
    let kind: String
    /// SHA-256, hex.
    let certificate: String
}

struct NewToken: Decodable {
    let name: String
    let account: String?
    /// Milliseconds that the tokens before stay good.
    let grace: Int64?
}

struct NewRotation: Decodable {
    let log: String
}

struct NewRehearsal: Decodable {
    /// SHA-256, hex.
    let certificate: String
    let secrets: Int64
}

struct NewDeadline: Decodable {
    let deadline: String
}

struct NewReopening: Decodable {
    let deadline: String
    let grounds: String
}

struct NewWaiver: Decodable {
    let grounds: String
}

struct NewAdmission: Decodable {
    let ground: String
    let grounds: String
}

struct NewDisclosure: Decodable {
    let occasion: String
}

struct NewApproval: Decodable {
    struct Share: Decodable {
        let part: String
        let share: Data
    }

    let signed: Data
    let shares: [Share]
}

struct NewClock: Decodable {
    let reason: String
}

struct NewUser: Decodable {
    let name: String
    let role: String
    let account: String?
    let siret: String?
}

extension Decodable {
    /// - Throws: 400 with the path of what is missing or of another type, never its value.
    static func reading(_ body: [UInt8]) throws(Refusal) -> Self {
        do {
            return try JSONDecoder().decode(Self.self, from: Data(body))
        } catch let error as DecodingError {
            throw Refusal(.malformed, "The body is not the JSON that is asked: \(place(of: error)).")
        } catch {
            throw Refusal(.malformed, "The body is not the JSON that is asked.")
        }
    }
}

private func place(of error: DecodingError) -> String {
    func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
        let keys = (context.codingPath + (key.map { [$0] } ?? [])).map { $0.intValue.map(String.init) ?? $0.stringValue }
        return keys.isEmpty ? "not an object" : String(keys.joined(separator: ".").prefix(200))
    }
    return switch error {
    case .keyNotFound(let key, let context): "\(path(context, key)) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): path(context)
    @unknown default: "not an object"
    }
}

extension Instant {
    /// An instant of a request: RFC 3339, to the second or the millisecond, in UTC or with an offset.
    init(asked text: String, field: String) throws(Refusal) {
        let refusal = Refusal(.invalid, "\(field): not an instant such as 2026-11-23T17:00:00Z.")
        var time = text[...]
        var offset: Int64 = 0
        if time.utf8.count >= 25, let sign = time.dropLast(5).last, sign == "+" || sign == "-" {
            let zone = time.suffix(5).split(separator: ":", omittingEmptySubsequences: false)
            guard zone.count == 2, zone.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
                let hours = Int64(zone[0]), let minutes = Int64(zone[1]), hours < 24, minutes < 60
            else { throw refusal }
            offset = (hours * 60 + minutes) * 60_000 * (sign == "+" ? 1 : -1)
            time = time.dropLast(6)
        } else if time.last == "Z" {
            time = time.dropLast()
        } else {
            throw refusal
        }
        do {
            let utc = try Instant(parsing: time.utf8.count == 19 ? time + ".000Z" : time + "Z")
            self.init(milliseconds: utc.milliseconds - offset)
        } catch {
            throw refusal
        }
    }
}
