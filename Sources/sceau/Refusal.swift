import Client
import Foundation

extension Daemon {
    /// A problem document, or whatever came instead of one, as a sentence with a hint.
    static func refusal(_ answer: Answer) -> CommandError {
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
        let said = problem?.detail ?? problem?.title ?? "the daemon answered \(answer.status)"
        var message = line(said)
        if let reference = problem?.reference { message += " [\(line(reference))]" }
        return CommandError(
            message, hint: hint(answer.status, problem), answer.status >= 500 || answer.status == 429 ? .failed : .refused,
            problem: problem?.type.map { String($0.split(separator: "/").last ?? "") } ?? "status-\(answer.status)")
    }

    /// Text of the daemon on one line, bounded: a second line could pass for this tool's own.
    private static func line(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(2000))).split(whereSeparator: \.isNewline)
            .joined(separator: " ")
    }

    private static func hint(_ status: Int, _ problem: Problem?) -> String? {
        if let instant = problem?.possibleAt { return "this will be possible at \(line(instant))" }
        return switch status {
        case 401: "the token is unknown or no longer valid: check --token-file"
        case 403: "the token's role does not allow this"
        case 404: "check the identifier; a draft is visible to its buyer and its openers only"
        case 413: "the limits are shown by the consultation and at /api/v1/limits"
        case 429: "too many requests: wait a little"
        case 503: "the daemon cannot do this now; try again in a moment"
        case 507: "the daemon's disk is full; its operator must act"
        case 500...599: "the daemon failed; its operator finds the reference in the log"
        default: nil
        }
    }

    /// The word of a failure that lies with the file: no other try helps.
    static let fileProblem = "file"

    /// There was no answer.
    static func failure(_ error: ClientError) -> CommandError {
        switch error {
        case .badAddress(let what): .usage("bad address: \(what)")
        case .unreachable(let what):
            CommandError("the daemon cannot be reached: \(what)", hint: "check --url and the network")
        case .untrusted(let what):
            .refused(
                "the server is not to be trusted: \(what)",
                hint: "--ca must hold the authority that vouches for it, and --url the name in its certificate")
        case .timedOut(let phase): CommandError("the daemon did not answer in time (\(phase))")
        case .cut(let afterSending):
            CommandError(
                "the connection was cut",
                hint: afterSending ? "the daemon may have acted on the request: look before you repeat it" : nil)
        case .malformed(let what): CommandError("the server does not speak HTTP as it should: \(what)")
        case .tooLarge: CommandError("the daemon's answer is larger than it may be")
        case .upload(let what): CommandError("the file could not be sent: \(what)", problem: fileProblem)
        }
    }
}
