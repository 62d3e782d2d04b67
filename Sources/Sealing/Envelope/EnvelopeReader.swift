public import Canonical
internal import OpenSSL

/// Opens one envelope, trusting nothing but the log and the part's key.
///
/// In this order: the seal against the log; every file against the seal; consultation and depositor of the manifest, and
/// that it was not seen before; then, of each document, each segment's digest, shape and tag, and the whole's length and
/// digest. Every failure names bid, document and segment and leaves the other documents readable.
public struct EnvelopeReader: Sendable {
    /// What the `bid-received` event of the log says.
    public struct Logged: Sendable {
        public let bid: Identifier
        public let consultation: Identifier
        public let depositor: Identifier
        public let seal: Digest
        /// Fingerprint of the key set.
        public let keys: Digest

        public init(bid: Identifier, consultation: Identifier, depositor: Identifier, seal: Digest, keys: Digest) {
            self.bid = bid
            self.consultation = consultation
            self.depositor = depositor
            self.seal = seal
            self.keys = keys
        }
    }

    private let logged: Logged
    private let archive: SealArchive

    public var seal: Seal { archive.seal }

    /// - Parameter archive: the bytes of `<bid>.seal`.
    public init(_ logged: Logged, archive bytes: [UInt8]) throws(EnvelopeError) {
        func wrong(_ reason: String, _ fault: EnvelopeError.Fault = .keeping) -> EnvelopeError {
            EnvelopeError(bid: logged.bid, fault: fault, reason: reason)
        }
        self.logged = logged
        do { archive = try SealArchive(parsing: bytes) } catch { throw wrong("the seal's archive: \(error.text)") }
        let seal = archive.seal
        guard seal.digest == logged.seal else { throw wrong("seal.json is not the one in the log") }
        guard seal.bid == logged.bid, seal.consultation == logged.consultation, seal.keys == logged.keys else {
            throw wrong("seal.json is of another bid, consultation or key set than its event", .sealing(seal.sealedBy))
        }
        for (part, manifest) in zip(seal.parts, archive.manifests) where Digest(of: manifest) != part.manifest {
            throw wrong("\(part.part).p7m is not the one that was sealed")
        }
        guard archive.received.seal == logged.seal, archive.received.bid == logged.bid else {
            throw wrong("received.json is of another envelope")
        }
    }

    /// The numbers of a part's documents.
    public func documents(of part: String) -> [Int] {
        seal.documents.indices.filter { seal.documents[$0].part == part }.map { $0 + 1 }
    }

    /// The manifest of the key's part.
    ///
    /// - Parameter seen: digests of the manifests already read in this opening: a second envelope with the same one is a copy.
    public func manifest(_ key: borrowing PartKey, seen: inout Set<Digest>) throws(EnvelopeError) -> Manifest {
        func wrong(_ reason: String) -> EnvelopeError {
            EnvelopeError(bid: logged.bid, fault: .sealing(seal.sealedBy), reason: reason)
        }
        guard let index = seal.parts.firstIndex(where: { $0.part == key.part }) else {
            throw wrong("it has no part \(key.part)")
        }
        let part = seal.parts[index]
        guard part.certificate == Digest(key.certificate) else {
            throw wrong("part \(key.part) was sealed to another certificate")
        }
        let contents: [UInt8]
        do {
            contents = try SealedObject.openBytes(archive.manifests[index], certificate: key.certificate, key: key.key)
        } catch { throw wrong("the manifest of part \(key.part): \(error)") }
        guard Digest(of: contents) == part.contents else {
            throw wrong("the manifest of part \(key.part) is not what the seal says")
        }
        let manifest: Manifest
        do { manifest = try Manifest(canonical: contents) } catch {
            throw wrong("the manifest of part \(key.part): \(error.reason)")
        }
        guard manifest.consultation == logged.consultation, manifest.depositor == logged.depositor,
            manifest.part == key.part
        else {
            throw wrong("its manifest is of another consultation, depositor or part: it was copied")
        }
        guard manifest.documents.map(\.length) == documents(of: key.part).map({ seal.documents[$0 - 1].length }) else {
            throw wrong("the manifest of part \(key.part) lists other documents than the seal")
        }
        guard seen.insert(part.contents).inserted else {
            throw wrong("its manifest was seen in another envelope: it was copied")
        }
        return manifest
    }

    /// Reads one document, segment by segment: the sink sees only bytes whose segment was verified. The whole counts only
    /// once this returns: until then length and digest are not known to hold.
    ///
    /// - Parameters:
    ///   - number: from 1, of the manifest's part.
    ///   - source: the next bytes of the ciphertext file, at most as many as asked for; empty at its end.
    /// - Throws: ``EnvelopeError``, or what source or sink threw.
    public func read(
        document number: Int, of manifest: Manifest, with key: borrowing PartKey,
        from source: (_ max: Int) throws -> [UInt8],
        to sink: (Span<UInt8>) throws -> Void
    ) throws {
        func wrong(_ reason: String, segment: Int? = nil, _ fault: EnvelopeError.Fault) -> EnvelopeError {
            EnvelopeError(bid: logged.bid, document: number, segment: segment, fault: fault, reason: reason)
        }
        guard let place = documents(of: manifest.part).firstIndex(of: number), manifest.part == key.part else {
            throw wrong("it is no document of part \(manifest.part)", .keeping)
        }
        let expected = manifest.documents[place]
        let file = archive.documents[number - 1]
        do { try archive.checkDigests(document: number) } catch { throw wrong(error.text, .keeping) }
        let sealer = EnvelopeError.Fault.sealing(seal.sealedBy)
        let lines: [SegmentLine]
        do { lines = try SegmentLine.read(file.segments, headers: file.headers.count) } catch {
            throw wrong(error.text, sealer)
        }
        guard lines.reduce(0, { $0 + Int64($1.length) }) == expected.length else {
            throw wrong("its segments are not as long as it", sealer)
        }

        var digest = try SHA256()
        var content: [UInt8] = []
        for (index, line) in lines.enumerated() {
            try fill(&content, line.length, from: source)
            guard content.count == line.length else { throw wrong("the file is cut off", segment: index + 1, .keeping) }
            guard Digest(of: content) == line.sha256 else {
                throw wrong("its bytes are not those that were sealed", segment: index + 1, .keeping)
            }
            let header = Array(file.headers[line.headerOffset..<(line.headerOffset + line.headerLength)])
            do {
                try SegmentOpener.open(header: header, content: &content, certificate: key.certificate, key: key.key)
            } catch { throw wrong("\(error)", segment: index + 1, sealer) }
            digest.update(content.span)
            try sink(content.span)
        }
        guard try source(1).isEmpty else { throw wrong("the file goes on behind its last segment", .keeping) }
        guard Digest(digest.finish()) == expected.sha256 else {
            throw wrong("it is not the document that its manifest says", sealer)
        }
    }

    /// What to record of a document whose file is not there.
    public func missing(document number: Int) -> EnvelopeError {
        EnvelopeError(bid: logged.bid, document: number, fault: .keeping, reason: "its file is missing")
    }

    /// Exactly `count` bytes, or fewer at the end of the file. The buffer keeps its memory from segment to segment.
    private func fill(_ content: inout [UInt8], _ count: Int, from source: (Int) throws -> [UInt8]) throws {
        content.removeAll(keepingCapacity: true)
        content.reserveCapacity(count)
        while content.count < count {
            let bytes = try source(count - content.count)
            guard !bytes.isEmpty else { return }
            guard bytes.count <= count - content.count else {
                throw SealingError(.envelope, "a source gave more than it was asked for")
            }
            content += bytes
        }
    }
}
