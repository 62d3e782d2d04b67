internal import Canonical

/// One thing that a verifier looked at.
public struct Check: Sendable, Equatable {
    public enum Outcome: String, Sendable, CaseIterable {
        case holds, fails
        /// Nothing contradicts it, and nothing but the operator vouches for it.
        case operatorsWord = "operators-word"
        /// Said so that the reader knows; neither good nor bad.
        case note
    }

    /// A stable word for programs: `seal`, `log-proof`.
    public let name: String
    /// What it is about: a file, an entry, a bid.
    public let subject: String
    public let outcome: Outcome
    /// A sentence for people. It may quote names from the evidence: show it through what a terminal can take.
    public let text: String

    public init(_ name: String, of subject: String, _ outcome: Outcome, _ text: String) {
        self.name = name
        self.subject = subject
        self.outcome = outcome
        self.text = text
    }

    /// One line, whatever the text holds: a line of somebody's document name must not pass for a check of its own.
    public var line: String {
        let word =
            switch outcome {
            case .holds: "holds"
            case .fails: "FAILS"
            case .operatorsWord: "on the operator's word"
            case .note: "note"
            }
        return Check.oneLine("\(word): \(name): \(subject): \(text)")
    }

    var json: JSON {
        .object([
            "check": .string(name), "subject": .string(subject), "outcome": .string(outcome.rawValue),
            "text": .string(text),
        ])
    }

    /// Controls, line breaks and marks that turn the direction of reading become U+FFFD.
    private static func oneLine(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator:
                scalars.append("\u{FFFD}")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
