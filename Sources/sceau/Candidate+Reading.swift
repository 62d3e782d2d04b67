import Canonical
import Foundation
import Sealing

/// The candidate as a bidder writes it down: JSON as the API takes it, held to the manifest's own bounds.
enum CandidateFile {
    private static let longest = 512 << 10

    static func read(_ path: String) throws(CommandError) -> Candidate {
        let bytes = try InputFile.read(path, max: longest)
        do {
            let object = try JSONSerialization.jsonObject(with: Data(bytes))
            var reader = try FieldReader(json(object))
            let candidate = try Candidate(&reader)
            try reader.finish()
            return candidate
        } catch let error as CanonicalError {
            throw CommandError("'\(path)' is no candidate: \(error.reason)", hint: example)
        } catch {
            throw CommandError("'\(path)' is not JSON", hint: example)
        }
    }

    private static let example = #"such as {"lead": {"name": "Alpes Béton", "siret": "55210022400011"}, "signatories": [{"name": "…"}]}"#

    /// Objects, lists and texts are all that there is in one.
    private static func json(_ value: Any) throws -> JSON {
        switch value {
        case let text as String: .string(text)
        case let list as [Any]: .array(try list.map(json))
        case let object as [String: Any]: .object(try object.mapValues(json))
        default: throw CanonicalError(reason: "it holds what is neither a text, nor a list, nor an object")
        }
    }
}
