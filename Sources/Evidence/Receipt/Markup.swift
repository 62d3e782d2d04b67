/// HTML, with everything that is not ours escaped.
enum Markup {
    /// Text of others as text: whatever it holds, it opens no element, ends no attribute, and turns no direction of reading.
    static func text(_ text: String) -> String { escaped(text, where: isPlain) }

    /// The one place that escapes. What is not plain becomes U+FFFD.
    static func escaped(_ text: String, where isPlain: (Unicode.Scalar) -> Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(isPlain(scalar) ? scalar : "\u{FFFD}")
            }
        }
        return escaped
    }

    /// Controls, and marks that would show a name as another one.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        // Joiners make one picture of several; all other invisible marks only deceive.
        case .format: scalar.value == 0x200c || scalar.value == 0x200d
        default: true
        }
    }

    /// `20 000`, its groups held together.
    static func number(_ number: Int64) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "\u{202F}" }
            text.append(digit)
        }
        return text
    }

    /// French puts a space before high punctuation; it must not end a line.
    static func spaced(_ french: String) -> String {
        french.replacing(" :", with: "\u{00A0}:").replacing(" ;", with: "\u{202F};").replacing("« ", with: "«\u{00A0}")
            .replacing(" »", with: "\u{00A0}»")
    }

    /// One thing in both languages.
    static func both(_ french: String, _ english: String) -> String {
        "<span>\(spaced(french))</span> <span lang=\"en\" class=\"en\">\(english)</span>"
    }
}
