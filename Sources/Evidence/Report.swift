public import Canonical

/// What a verifier found: one ``Check`` a line, in the order in which they were made.
///
/// It holds only if something was checked and nothing fails. A line that rests on the operator's word does not fail:
/// it says what no signature or outside witness proves.
public struct Report: Sendable, Equatable {
    public private(set) var checks: [Check] = []

    public init() {}

    public mutating func add(_ check: Check) { checks.append(check) }
    public mutating func append(_ report: Report) { checks += report.checks }

    /// Says that `name` holds of `subject`.
    public mutating func holds(_ name: String, _ subject: String, _ text: String) {
        add(Check(name, of: subject, .holds, text))
    }

    public mutating func fails(_ name: String, _ subject: String, _ text: String) {
        add(Check(name, of: subject, .fails, text))
    }

    public mutating func restsOnTheOperator(_ name: String, _ subject: String, _ text: String) {
        add(Check(name, of: subject, .operatorsWord, text))
    }

    public mutating func note(_ name: String, _ subject: String, _ text: String) {
        add(Check(name, of: subject, .note, text))
    }

    /// Runs a check that throws where it fails; the error's own words follow the sentence.
    ///
    /// - Returns: what the check gave, nil where it failed.
    @discardableResult
    public mutating func check<Value>(
        _ name: String, _ subject: String, _ text: String, _ body: () throws -> Value
    ) -> Value? {
        do {
            let value = try body()
            holds(name, subject, text)
            return value
        } catch {
            fails(name, subject, "\(error)")
            return nil
        }
    }

    /// The same of a check that has been made.
    mutating func settle<Value>(_ name: String, _ subject: String, _ text: String, _ outcome: Result<Value, any Error>) -> Value? {
        check(name, subject, text) { try outcome.get() }
    }

    public var isGood: Bool {
        checks.contains { $0.outcome == .holds } && !checks.contains { $0.outcome == .fails }
    }

    /// One line a check, each with its end.
    public var text: String { checks.map { $0.line + "\n" }.joined() }

    /// `{"checks":[{"check","outcome","subject","text"}…],"good"}`.
    public var json: JSON {
        .object(["good": .bool(isGood), "checks": .array(checks.map(\.json))])
    }
}
