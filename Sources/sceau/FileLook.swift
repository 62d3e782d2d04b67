import Foundation

/// What a bidder would rather know before sending: each a warning, none a refusal, since what a file is worth is for the
/// committee to say. Cheap: the ends of a file and a ZIP's directory are looked at, nothing is unpacked.
struct FileLook {
    /// Bytes of a ZIP's directory that are read.
    private static let longestDirectory = 8 << 20
    /// Of the end of a PDF.
    private static let tail = 64 << 10

    private let file: InputFile
    private let length: Int64

    /// - Returns: sentences, without the file's name.
    static func warnings(_ path: String) -> [String] {
        guard let file = try? InputFile(path), let length = file.length else { return [] }
        return FileLook(file: file, length: length).warnings(path.lowercased())
    }

    private func warnings(_ path: String) -> [String] {
        guard length > 0 else { return ["is empty"] }
        let start = read(at: 0, 1024)
        if start.starts(with: [0x50, 0x4b, 0x03, 0x04]) || start.starts(with: [0x50, 0x4b, 0x05, 0x06]) { return zip() }
        if contains(start, "%PDF-") { return pdf() }
        let isNamed = { (endings: [String]) in endings.contains { path.hasSuffix($0) } }
        if isNamed([".pdf"]) { return ["is damaged: it does not begin as a PDF does"] }
        if isNamed([".zip", ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".odt", ".ods"]) {
            return ["is damaged, or protected by a password: it does not begin as a ZIP does"]
        }
        return []
    }

    // MARK: ZIP (APPNOTE.TXT, 4.3)

    private func zip() -> [String] {
        let count = Int(min(length, 22 + 65_535))
        let end = read(at: length - Int64(count), count)
        guard count >= 22,
            let place = (0...(count - 22)).last(where: {
                end[$0..<($0 + 4)].elementsEqual([0x50, 0x4b, 0x05, 0x06]) && $0 + 22 + number(end, $0 + 20, 2) == count
            })
        else { return ["is damaged: the directory at the end of the ZIP is missing"] }
        let (size, offset) = (number(end, place + 12, 4), number(end, place + 16, 4))
        // ZIP64 keeps the true numbers elsewhere.
        guard offset != 0xffff_ffff, size != 0xffff_ffff else { return [] }
        guard Int64(offset) + Int64(size) <= length - Int64(count - place) else {
            return ["is damaged: the directory of the ZIP does not lie within it"]
        }
        let directory = read(at: Int64(offset), min(size, Self.longestDirectory))
        var (isLocked, hasMacro) = (false, false)
        var at = 0
        while at + 46 <= directory.count {
            guard directory[at..<(at + 4)].elementsEqual([0x50, 0x4b, 0x01, 0x02]) else {
                return ["is damaged: the directory of the ZIP does not read"]
            }
            let name = number(directory, at + 28, 2)
            guard at + 46 + name <= directory.count else { break }
            if number(directory, at + 8, 2) & 1 != 0 { isLocked = true }
            if directory[(at + 46)..<(at + 46 + name)].suffix(14).elementsEqual("vbaProject.bin".utf8) { hasMacro = true }
            at += 46 + name + number(directory, at + 30, 2) + number(directory, at + 32, 2)
        }
        var warnings: [String] = []
        if isLocked { warnings.append("is protected by a password: the committee cannot read it") }
        if hasMacro { warnings.append("holds an Office macro (vbaProject.bin), which a buyer may not open") }
        return warnings
    }

    // MARK: PDF (ISO 32000-1, 7.5)

    private func pdf() -> [String] {
        let count = Int(min(length, Int64(Self.tail)))
        let end = read(at: length - Int64(count), count)
        guard contains(end.suffix(1024), "%%EOF") else { return ["is damaged: the end of the PDF is missing"] }
        // A trailer, or the dictionary of a cross-reference stream, which `startxref` names; neither is ever compressed.
        var places = [Array(end)]
        if let word = range(of: "startxref", in: end),
            let offset = Int64(String(decoding: end[word...].dropFirst(9).prefix(24), as: UTF8.self).split(whereSeparator: \.isWhitespace).first ?? ""),
            offset < length
        {
            places.append(read(at: offset, 4096))
        }
        return places.contains { contains($0, "/Encrypt") }
            ? ["is protected by a password or by restrictions: the committee may not be able to read it"] : []
    }

    // MARK: -

    private func read(at offset: Int64, _ count: Int) -> [UInt8] { (try? file.read(at: offset, count: count)) ?? [] }

    private func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }

    private func contains(_ bytes: some Collection<UInt8>, _ word: String) -> Bool { range(of: word, in: Array(bytes)) != nil }

    /// Where the word stands last.
    private func range(of word: String, in bytes: [UInt8]) -> Int? {
        let data = Data(bytes)
        return data.range(of: Data(word.utf8), options: .backwards)?.lowerBound
    }
}
