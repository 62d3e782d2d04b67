import Foundation
import OpenSSL
import Rehearsal
import Testing

/// What somebody did to the envelopes on the disk is named by bid, document and segment, and the others open.
@Suite(.serialized) struct DamageTests {
    /// A change to the files of the first bid; `other` is the prefix of the second bid's.
    struct Damage: CustomStringConvertible {
        let description: String
        /// What stderr says behind `bid <bid>: `, as a pattern.
        let says: String
        let change: (_ bid: String, _ other: String) throws -> Void
    }

    static var damages: [Damage] { [
        Damage(description: "a flipped byte in the first segment", says: "document 1, segment 1: its bytes are not those that were sealed") { bid, _ in
            try flip(bid + ".1", at: 4711)
        },
        Damage(description: "a flipped byte in the second segment", says: "document 1, segment 2: its bytes are not those that were sealed") { bid, _ in
            try flip(bid + ".1", at: 17 << 20)
        },
        Damage(description: "a missing document", says: "document 1: its file is missing") { bid, _ in
            try FileManager.default.removeItem(atPath: bid + ".1")
        },
        Damage(description: "a truncated document", says: "document 1, segment 2: the file is cut off") { bid, _ in
            let file = try FileHandle(forWritingTo: URL(filePath: bid + ".1"))
            try file.truncate(atOffset: 16 << 20)
            try file.close()
        },
        Damage(description: "bytes behind a document", says: "document 1: the file goes on behind its last segment") { bid, _ in
            let file = try FileHandle(forWritingTo: URL(filePath: bid + ".1"))
            try file.seekToEnd()
            try file.write(contentsOf: Data("more".utf8))
            try file.close()
        },
        Damage(description: "another bid's document", says: "document 1, segment 1: the file is cut off") { bid, other in
            try replace(bid + ".1", with: other + ".1")
        },
        Damage(description: "a flipped byte in the seal", says: "the seal's archive: ") { bid, _ in
            try flip(bid + ".seal", at: 40)
        },
        Damage(description: "a flipped byte in a header", says: "the seal's archive: ") { bid, _ in
            let archive = try Data(contentsOf: URL(filePath: bid + ".seal"))
            guard let place = archive.firstRange(of: Data("1.p7m".utf8)) else { throw CocoaError(.fileReadCorruptFile) }
            try flip(bid + ".seal", at: place.upperBound + 200)
        },
        Damage(description: "bytes behind the seal", says: "the seal's archive: ") { bid, _ in
            let file = try FileHandle(forWritingTo: URL(filePath: bid + ".seal"))
            try file.seekToEnd()
            try file.write(contentsOf: Data([0]))
            try file.close()
        },
        Damage(description: "a missing seal", says: "its seal is not given out: ") { bid, _ in
            try FileManager.default.removeItem(atPath: bid + ".seal")
        },
        Damage(description: "another's whole envelope", says: "seal.json is not the one in the log") { bid, other in
            try replace(bid + ".1", with: other + ".1")
            try replace(bid + ".seal", with: other + ".seal")
        },
    ] }

    @Test func isNamedAndTheOthersOpen() throws {
        let cast = try Cast.ready()
        let consultation = try cast.published(deadlineIn: 15)
        let offers = [Data(try Random.bytes(18 << 20)), Data("offre".utf8)]
        let receipts = try offers.enumerated().map { try cast.bidders[$0].curl.deposit($1, in: consultation.id) }
        #expect(receipts.allSatisfy { $0["verdict"] == "on-time" }, "\(receipts)")
        try consultation.waitUntilClosed()
        let store = "\(cast.instance.data)/envelopes/\(consultation.id)"
        let backup = cast.instance.folder.path("backup")
        try FileManager.default.copyItem(atPath: store, toPath: backup)

        for damage in Self.damages {
            try damage.change("\(store)/\(receipts[0]["bid"])", "\(store)/\(receipts[1]["bid"])")
            let (outcome, out) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]])
            #expect(outcome.status == 3, "\(damage): \(outcome)")
            #expect(outcome.err.contains("bid \(receipts[0]["bid"]): \(damage.says)"), "\(damage): \(outcome)")
            #expect(StoryTests.files(below: out.appending(path: receipts[0]["bid"])).isEmpty, "\(damage)")
            let other = try StoryTests.files(below: out.appending(path: receipts[1]["bid"])).map { try Data(contentsOf: $0) }
            #expect(other == [offers[1]], "\(damage)")
            try Shell.check("sh", ["-c", "rm -rf \"$1\" && cp -R \"$2\" \"$1\"", "sh", store, backup])
        }
        // And put back, all of it opens.
        let (outcome, _) = try consultation.open(by: cast.members[0], approvedBy: [cast.members[1]])
        #expect(outcome.status == 0, "\(outcome)")
    }

    private static func flip(_ path: String, at offset: Int) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: UInt64(offset))
        guard let byte = try file.read(upToCount: 1)?.first else { throw CocoaError(.fileReadCorruptFile) }
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data([byte ^ 1]))
        try file.close()
    }

    private static func replace(_ path: String, with other: String) throws {
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: other, toPath: path)
    }
}
