import Canonical
import Foundation
import Linux
import OpenSSL

/// One run of one command: its words, and the world it may touch.
struct Invocation: Sendable {
    let arguments: Arguments
    let environment: [String: String]
    let terminal: Terminal
    /// This machine's clock.
    let clock: @Sendable () -> Instant

    var now: Instant { clock() }
    var wantsJSON: Bool { has("json") }

    func has(_ option: String) -> Bool { arguments.values[option] != nil }
    func value(_ option: String) -> String? { arguments.values[option]?.first }
    func values(_ option: String) -> [String] { arguments.values[option] ?? [] }

    /// An option that the declaration requires.
    func required(_ option: String) throws(CommandError) -> String {
        guard let value = value(option) else { throw .usage("--\(option) is missing") }
        return value
    }

    func operand(_ name: String) throws(CommandError) -> String {
        guard let value = arguments.operands[name] else { throw .usage("\(name) is missing") }
        return value
    }

    /// The operand ID.
    func consultation() throws(CommandError) -> Identifier {
        try identifier(operand("ID"), "a consultation's identifier")
    }

    func identifier(_ text: String, _ what: String) throws(CommandError) -> Identifier {
        do { return try Identifier(text) } catch {
            throw .usage("'\(text)' is not \(what)", hint: "it has 32 digits, 0 to 9 and a to f")
        }
    }

    func fingerprint(_ option: String) throws(CommandError) -> Digest? {
        guard let text = value(option) else { return nil }
        // People read it aloud in groups.
        let plain = text.lowercased().filter { $0 != " " && $0 != ":" && $0 != "-" }
        do { return try Digest(hex: plain) } catch {
            throw .usage("--\(option) is not a fingerprint", hint: "it has 64 digits, 0 to 9 and a to f")
        }
    }

    func integer(_ option: String, in range: ClosedRange<Int>) throws(CommandError) -> Int? {
        guard let text = value(option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .usage("--\(option) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }

    func instant(_ option: String) throws(CommandError) -> Instant {
        let text = try required(option)
        guard let instant = Instant(anyForm: text) else {
            throw .usage(
                "--\(option) is not an instant: '\(text)'",
                hint: "write 2026-11-23T17:00:00Z, or with an offset: 2026-11-23T18:00:00+01:00")
        }
        return instant
    }

    func home() throws(CommandError) -> Home { try Home(environment: environment) }
    func pins() throws(CommandError) -> Pins { Pins(try home()) }

    func progress(_ label: String, total: Int64, done: Int64 = 0) -> Progress {
        Progress(label, total: total, done: done, on: terminal, now: Clocks.monotonicMilliseconds)
    }

    /// The answer for people, or for a program if it asked.
    func answer(_ text: String, json fields: [String: JSON]) throws(CommandError) {
        try terminal.write(
            wantsJSON ? String(decoding: JSON.object(fields).encoded(), as: UTF8.self) + "\n" : text + "\n")
    }
}

extension Instant {
    /// RFC 3339: seconds and fraction may be absent, an offset is taken. What is sent on is always the one exact form.
    init?(anyForm text: String) {
        guard text.utf8.count <= 40, let t = text.firstIndex(where: { $0 == "T" || $0 == "t" }) else { return nil }
        var offset: Int64 = 0
        var local = text[...]
        if let last = text.last, last == "Z" || last == "z" {
            local = text.dropLast()
        } else {
            guard let sign = text[t...].lastIndex(where: { $0 == "+" || $0 == "-" }) else { return nil }
            let zone = text[text.index(after: sign)...].split(separator: ":", omittingEmptySubsequences: false)
            guard zone.count == 2, zone.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isASCIIDigit) }),
                let hours = Int64(zone[0]), let minutes = Int64(zone[1]), hours <= 14, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * 60 * (text[sign] == "-" ? -1 : 1)
            local = text[..<sign]
        }
        let parts = local.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var whole = parts[0].uppercased()
        if whole.count == 16 { whole += ":00" }
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard fraction.count <= 3, parts.count == 1 || !fraction.isEmpty, fraction.allSatisfy(\.isASCIIDigit) else {
            return nil
        }
        let milliseconds = fraction + String(repeating: "0", count: 3 - fraction.count)
        guard let instant = try? Instant(parsing: whole + "." + milliseconds + "Z") else { return nil }
        self = instant.advanced(bySeconds: -offset)
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
