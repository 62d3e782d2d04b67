import Canonical
import Foundation
import OpenSSL
import Testing

@testable import Sealing

/// Every way in which an envelope can be wrong, each named by bid, document and segment.
@Suite struct EnvelopeTests {
    static let text = (0..<2500).map { UInt8(truncatingIfNeeded: $0 * 3) }
    /// Document 1 has three segments, 2 is empty, 3 has one.
    static func bid(_ name: String = "b1", depositor: Identifier = Story.depositor) throws -> SealedBid {
        try SealedBid(
            [("offer", "prix.pdf", text), ("offer", "vide", []), ("offer", "annexe", [5, 5, 5])], bid: name,
            depositor: depositor)
    }

    private func error(_ bid: SealedBid, seen: Set<Digest> = []) throws -> EnvelopeError? {
        let key = try Story.shared.partKey()
        var seen = seen
        do { _ = try bid.read(key, seen: &seen) } catch let error as EnvelopeError { return error }
        return nil
    }

    private func named(
        _ bid: SealedBid, document: Int? = nil, segment: Int? = nil, _ word: String,
        _ fault: EnvelopeError.Fault = .keeping,
        line: SourceLocation = #_sourceLocation
    ) throws {
        let error = try error(bid)
        #expect(error?.bid == bid.bid, sourceLocation: line)
        #expect(error?.document == document, sourceLocation: line)
        #expect(error?.segment == segment, sourceLocation: line)
        #expect(error?.fault == fault, sourceLocation: line)
        #expect(error?.reason.contains(word) == true, "\(error?.description ?? "it opened")", sourceLocation: line)
    }

    @Test func itOpens() throws {
        let key = try Story.shared.partKey()
        let bid = try Self.bid()
        #expect(try bid.read(key) == [Self.text, [], [5, 5, 5]])
        #expect(bid.ciphertexts.map(\.count) == [2500, 0, 3])
        #expect(bid.ciphertexts[0] != Self.text)
        let parsed = try SealArchive(parsing: bid.archive)
        try parsed.checkDigests()
        #expect(parsed.encoded() == bid.archive)
        let shell = try Shell()
        try shell.write("b.zip", bid.archive)
        #expect(try shell.run("unzip", "-tq", "b.zip") == 0)
    }

    @Test func theCiphertextFiles() throws {
        var bid = try Self.bid()
        bid.ciphertexts[0][1500] ^= 1
        try named(bid, document: 1, segment: 2, "not those that were sealed")

        bid = try Self.bid()
        bid.ciphertexts[0].removeLast()
        try named(bid, document: 1, segment: 3, "cut off")

        bid = try Self.bid()
        bid.ciphertexts[0].removeAll()
        try named(bid, document: 1, segment: 1, "cut off")

        bid = try Self.bid()
        bid.ciphertexts[2].append(0)
        try named(bid, document: 3, "goes on behind")

        bid = try Self.bid()
        bid.ciphertexts[1].append(0)
        try named(bid, document: 2, "goes on behind")

        bid = try Self.bid()
        bid.ciphertexts.swapAt(0, 2)
        try named(bid, document: 1, segment: 1, "cut off")

        bid = try Self.bid()
        let other = try Self.bid("b2")
        bid.ciphertexts[2] = other.ciphertexts[2]
        try named(bid, document: 3, segment: 1, "not those that were sealed")

        // Two segments of one length exchanged.
        bid = try Self.bid()
        bid.ciphertexts[0] = Array(
            bid.ciphertexts[0][1000..<2000] + bid.ciphertexts[0][..<1000] + bid.ciphertexts[0][2000...])
        try named(bid, document: 1, segment: 1, "not those that were sealed")

        let reader = try EnvelopeReader(bid.logged, archive: bid.archive)
        #expect(reader.missing(document: 3).cause == "document 3: its file is missing")
    }

    @Test func theOthersStillOpen() throws {
        var bid = try Self.bid()
        bid.ciphertexts[0][0] ^= 1
        let key = try Story.shared.partKey()
        let reader = try EnvelopeReader(bid.logged, archive: bid.archive)
        var seen: Set<Digest> = []
        let manifest = try reader.manifest(key, seen: &seen)
        #expect(throws: EnvelopeError.self) { try bid.read(1, reader, manifest, key) }
        #expect(try isTrue { try bid.read(2, reader, manifest, key) == [] })
        #expect(try isTrue { try bid.read(3, reader, manifest, key) == [5, 5, 5] })
    }

    /// What is in the archive, altered and put back with check sums that hold.
    @Test func theFilesOfTheArchive() throws {
        func altered(_ change: (inout [UInt8]) -> Void, _ place: Int, ofPart: Bool = false, segments: Bool = false)
            throws -> SealedBid
        {
            var bid = try Self.bid()
            let archive = try SealArchive(parsing: bid.archive)
            var manifests = archive.manifests
            var documents = archive.documents
            if ofPart {
                change(&manifests[place])
            } else {
                var (headers, lines) = (documents[place].headers, documents[place].segments)
                if segments { change(&lines) } else { change(&headers) }
                documents[place] = .init(headers: headers, segments: lines)
            }
            bid.archive = SealArchive(
                seal: archive.seal, manifests: manifests, documents: documents, received: archive.received
            ).encoded()
            return bid
        }
        try named(altered({ $0[$0.count - 1] ^= 1 }, 0, ofPart: true), "offer.p7m is not the one")
        try named(altered({ $0[400] ^= 1 }, 0), document: 1, "1.p7m is not the one")
        try named(altered({ $0.removeLast() }, 2), document: 3, "3.p7m is not the one")
        try named(altered({ $0[0] ^= 1 }, 1, segments: true), document: 2, "2.segments is not the one")
        try named(altered({ $0.removeAll() }, 0, segments: true), document: 1, "1.segments is not the one")
    }

    @Test func anotherSealOrEvent() throws {
        var bid = try Self.bid()
        let other = try Self.bid("b2")
        bid.archive = other.archive
        try named(bid, "not the one in the log")
        // The log itself says that another's archive is this bid's: the sealer wrote the wrong bid.
        bid.logged = EnvelopeReader.Logged(
            bid: bid.bid, consultation: Story.consultation, depositor: Story.depositor, seal: other.seal.digest,
            keys: Story.shared.committee.fingerprint)
        try named(bid, "another bid", .sealing(.platform))
        bid = try Self.bid()
        bid.logged = EnvelopeReader.Logged(
            bid: bid.bid, consultation: Story.consultation, depositor: Story.depositor, seal: bid.seal.digest,
            keys: Digest.zero)
        try named(bid, "key set", .sealing(.platform))
    }

    @Test func theBytesOfTheArchive() throws {
        let good = try Self.bid()
        let archive = good.archive
        func place(_ name: String) -> Int {
            let bytes = Array(name.utf8)
            return archive.indices.first { archive[$0...].starts(with: bytes) }! - 30
        }
        func end(_ name: String) -> Int {
            place(name) + 30 + name.utf8.count
                + (0..<4).reduce(0) { $0 | Int(archive[place(name) + 18 + $1]) << (8 * $1) }
        }
        func expectArchive(_ bytes: [UInt8], _ word: String, _ line: SourceLocation = #_sourceLocation) throws {
            var bid = good
            bid.archive = bytes
            try named(bid, word, line: line)
        }
        try expectArchive([], "seal.json is missing")
        try expectArchive(archive + [0], "added behind")
        try expectArchive([0] + archive, "seal.json is missing")
        try expectArchive(Array(archive.dropLast()), "added behind")
        try expectArchive(Array(archive.prefix(place("2.p7m") + 40)), "2.p7m is cut off")
        // Missing, added, exchanged, twice.
        try expectArchive(Array(archive[..<place("2.p7m")] + archive[end("2.p7m")...]), "2.p7m is missing")
        try expectArchive(
            Array(archive[..<place("2.p7m")] + archive[place("1.p7m")..<end("1.p7m")] + archive[place("2.p7m")...]),
            "2.p7m is missing")
        try expectArchive(
            Array(
                archive[..<place("1.p7m")] + archive[place("2.p7m")..<end("2.p7m")]
                    + archive[end("1.p7m")..<place("2.p7m")]
                    + archive[place("1.p7m")..<end("1.p7m")] + archive[end("2.p7m")...]), "1.p7m is missing")
        try expectArchive(
            Array(
                archive[..<end("received.json")] + archive[place("seal.json")..<end("seal.json")]
                    + archive[end("received.json")...]), "added behind")
        // One byte anywhere: nothing passes.
        for index in stride(from: 0, to: archive.count, by: 7) {
            var flipped = archive
            flipped[index] ^= 0x01
            #expect(throws: SealingError.self, "byte \(index)") { _ = try SealArchive(parsing: flipped) }
        }
    }

    @Test func copies() throws {
        // A competitor deposits another's envelope: the event says who deposited, the manifest who sealed.
        var copy = try Self.bid("b3")
        copy.logged = EnvelopeReader.Logged(
            bid: copy.bid, consultation: Story.consultation,
            depositor: try Identifier("0d0000000000000000000000000000ff"), seal: copy.seal.digest,
            keys: Story.shared.committee.fingerprint)
        try named(copy, "copied", .sealing(.platform))
        // The depositor's own manifest in a second envelope.
        let first = try Self.bid()
        #expect(
            try error(first, seen: Set(first.seal.parts.map(\.contents)))?.reason.contains("seen in another") == true)
        #expect(try error(first, seen: [Digest.zero]) == nil)
    }

    /// What was sealed wrong is the sealer's fault.
    @Test func sealedWrong() throws {
        func envelope(
            _ change: (inout ManifestDocument, inout DocumentFiles) -> Void, depositor: Identifier = Story.depositor
        ) throws -> SealedBid {
            var bid = try SealedBid([("offer", "a", [1, 2, 3])])
            let archive = try SealArchive(parsing: bid.archive)
            var document = ManifestDocument(name: "a", length: 3, sha256: Digest(of: [1, 2, 3]))
            var files = DocumentFiles(
                headers: archive.documents[0].headers, segments: archive.documents[0].segments, length: 3)
            change(&document, &files)
            var builder = EnvelopeBuilder(
                consultation: Story.consultation, bid: bid.bid, keys: Story.shared.committee.fingerprint,
                sealedBy: .bidder, depositor: depositor)
            try builder.add(part: Story.shared.capsules[0].partCertificate, document: document, files: files)
            let sealed = try builder.finish()
            bid.logged = EnvelopeReader.Logged(
                bid: bid.bid, consultation: Story.consultation, depositor: Story.depositor, seal: sealed.seal.digest,
                keys: Story.shared.committee.fingerprint)
            let old = archive.received
            bid.archive = sealed.archived(
                with: Received(
                    consultation: old.consultation, bid: old.bid, depositor: old.depositor, user: old.user,
                    seal: sealed.seal.digest, intent: old.intent,
                    bidCodeHash: old.bidCodeHash, deadline: old.deadline, deadlineVersion: 1, started: old.started,
                    firstByte: old.firstByte,
                    received: old.received, clock: old.clock))
            return bid
        }
        let bidder = EnvelopeError.Fault.sealing(.bidder)
        try named(
            envelope { document, _ in document = ManifestDocument(name: "a", length: 3, sha256: Digest.zero) },
            document: 1, "not the document", bidder)
        try named(
            envelope { _, files in
                var headers = files.headers
                headers[headers.count - 1] ^= 1
                files = DocumentFiles(headers: headers, segments: files.segments, length: 3)
            }, document: 1, segment: 1, "altered", bidder)
        try named(
            envelope { _, files in
                files = DocumentFiles(
                    headers: files.headers + [0],
                    segments: Array(
                        String(decoding: files.segments, as: UTF8.self).replacing(" 307 ", with: " 308 ").utf8),
                    length: 3)
            }, document: 1, segment: 1, "shape", bidder)
        try named(
            envelope { document, files in
                document = ManifestDocument(name: "a", length: 4, sha256: Digest.zero)
                files = DocumentFiles(headers: files.headers, segments: files.segments, length: 4)
            }, document: 1, "not as long", bidder)
        try named(
            envelope({ _, _ in }, depositor: try Identifier("0d0000000000000000000000000000ff")), "copied", bidder)
        #expect(try error(envelope { _, _ in }) == nil)
    }

    @Test func segmentLines() throws {
        let digest = String(repeating: "a", count: 64)
        func lines(_ text: String, headers: Int = 600) -> SealingError? {
            refusal { _ = try SegmentLine.read(Array(text.utf8), headers: headers) }
        }
        #expect(lines("0 5 0 300 \(digest)\n5 1 300 300 \(digest)\n") == nil)
        #expect(lines("0 0 0 600 \(digest)\n") == nil)
        for wrong in [
            "", "\n", "0 5 0 300 \(digest)\n5 1 300 300 \(digest)", "0 5 0 300 \(digest)\n6 1 300 300 \(digest)\n",
            "0 5 0 300 \(digest)\n5 1 301 299 \(digest)\n",
            "0 5 0 300 \(digest)\n5 1 300 299 \(digest)\n", "0 0 0 300 \(digest)\n0 1 300 300 \(digest)\n",
            "00 5 0 600 \(digest)\n", "+0 5 0 600 \(digest)\n",
            "0 5  0 600 \(digest)\n", "0 5 0 600 \(digest.uppercased())\n", "0 5 0 600 \(digest) \n",
            "0 5 0 600 \(digest)\r\n", "0 16777217 0 600 \(digest)\n",
            "0 -1 0 600 \(digest)\n", "0 5 0 600 \(digest)\n\n", "0 5 0 600\n", "0 5 0 600 \(digest.dropLast())\n",
        ] { #expect(lines(wrong) != nil, "\(wrong)") }
    }

    @Test func theTableCountsWhatIsWritten() throws {
        var table = try SegmentTable()
        let bytes: [UInt8] = [1, 2, 3]
        try table.ciphertext(bytes.span)
        #expect(refusal { _ = try unfinished() }?.code == .envelope)
        try table.segmentEnd(header: [9])
        let files = try table.finish()
        #expect(files.length == 3 && files.headers == [9])
        #expect(files.segments == Array("0 3 0 1 \(Digest(of: bytes))\n".utf8))
        func unfinished() throws -> DocumentFiles {
            var table = try SegmentTable()
            try table.ciphertext(bytes.span)
            return try table.finish()
        }
        #expect(refusal { _ = try SegmentTable().finish() }?.code == .envelope)
    }

    /// However bytes arrive, and wherever requests end, the document is the same.
    @Test func piecesOfAnySize() throws {
        let part = try Story.shared.capsules[0].partCertificate
        for (step, limit) in [(1, 7), (7, 7), (8, 7), (100, 16), (100, 1000)] {
            let bytes = Array(Self.text.prefix(100))
            var sealer = DocumentSealer(to: part, segment: limit)
            var lengths: [Int] = []
            var held = 0
            func note(_ piece: SealedPiece) {
                switch piece {
                case .ciphertext(let bytes): held += bytes.count
                case .segmentEnd:
                    lengths.append(held)
                    held = 0
                }
            }
            for start in stride(from: 0, to: bytes.count, by: step) {
                try sealer.seal(bytes[start..<min(start + step, bytes.count)].span, into: note)
            }
            let document = try sealer.finish(into: note)
            #expect(document.length == 100 && document.sha256 == Digest(of: bytes))
            #expect(
                held == 0 && lengths.reduce(0, +) == 100 && lengths.dropLast().allSatisfy { $0 == limit }
                    && lengths.allSatisfy { $0 > 0 })
        }
        // A request that ends within, and one that ends without a byte.
        var sealer = DocumentSealer(to: part)
        var ends = 0
        func note(_ piece: SealedPiece) { if case .segmentEnd = piece { ends += 1 } }
        let one: [UInt8] = [1]
        try sealer.seal(one.span, into: note)
        try sealer.endSegment(into: note)
        try sealer.endSegment(into: note)
        try sealer.seal(one.span, into: note)
        #expect(try sealer.finish(into: note).length == 2)
        #expect(ends == 2)
    }

    /// Sealing holds nothing back: memory does not grow with the document.
    @Test func memoryStaysFlat() throws {
        func resident() -> Int {
            let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")[1]
            return pages.flatMap { Int($0) }.map { $0 * 4096 } ?? 0
        }
        var sealer = try DocumentSealer(to: Story.shared.capsules[0].partCertificate)
        let record = [UInt8](repeating: 1, count: 16_384)
        var most = 0
        let before = resident()
        #expect(before > 0)
        for index in 0..<(256 << 20) / 16_384 {
            try sealer.seal(record.span) { _ in }
            if index.isMultiple(of: 1024) { most = max(most, resident()) }
        }
        #expect(try sealer.finish { _ in }.length == 256 << 20)
        #expect(most - before < 64 << 20)
    }

    @Test func manifestsAreRead() throws {
        let document = ManifestDocument(
            folder: "é/../x", name: "..", lots: ["1", "2"], mediaType: "a/b", length: 1, sha256: Digest.zero,
            signatureOf: 1)
        let manifest = Manifest(
            consultation: Story.consultation, depositor: Story.depositor, part: "offer",
            nonce: [UInt8](repeating: 1, count: 16),
            candidate: Candidate(lead: .init(name: "A"), subcontractors: [.init(name: "B", siret: "12345678901234")]),
            documents: [document])
        #expect(try Manifest(canonical: manifest.canonicalBytes) == manifest)
        func changed(_ key: String, _ value: JSON?) -> Bool {
            var fields = manifest.fields
            fields["format"] = .string(Manifest.format)
            fields[key] = value
            return (try? Manifest(canonical: JSON.object(fields).encoded())) != nil
        }
        #expect(changed("candidate", nil))
        #expect(!changed("nonce", .base64([1, 2])))
        #expect(!changed("part", .string("Offer")))
        #expect(!changed("part", .string("1")))
        #expect(!changed("extra", .integer(1)))
        #expect(!changed("format", .string("sceau/manifest/2")))
        #expect(
            !changed(
                "candidate", .object(["lead": .object(["name": .string("A"), "siret": .string("1234567890123x")])])))
        #expect(!changed("candidate", .object(["lead": .object(["name": .string("A")]), "members": .array([])])))
        let short: [String: JSON] = ["name": .string("n"), "length": .integer(1), "sha256": .digest(Digest.zero)]
        func one(_ key: String, _ value: JSON) -> JSON { .array([.object(short.merging([key: value]) { $1 })]) }
        #expect(changed("documents", one("lots", .array([.string("1")]))))
        #expect(!changed("documents", one("lots", .array([]))))
        #expect(!changed("documents", one("signatureOf", .integer(2))))
        #expect(!changed("documents", one("name", .string(""))))
        #expect(!changed("documents", one("name", .string(String(repeating: "a", count: 1025)))))
        #expect(!changed("documents", one("length", .integer(-1))))
        #expect(changed("documents", one("length", .integer(20_000 << 24))))
        #expect(!changed("documents", one("length", .integer(20_000 << 24 + 1))))
    }
}
