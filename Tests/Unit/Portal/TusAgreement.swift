import HTTP
import OpenSSL
import Reception

@testable import Portal

/// What must hold of the header fields of an upload, whatever they are: numbers are numbers of bytes, a digest is as long as its
/// algorithm says, metadata are bounded and no key of theirs comes twice. Asked by the tests of files and by the fuzzer.
///
/// - Parameter bytes: of a head, as a client sends it.
/// - Returns: what does not hold; nil where all does.
func disagreement(overTus bytes: [UInt8]) -> String? {
    var parser = RequestParser(maximumHead: 16 * 1024, maximumFields: 64)
    var position = 0
    guard case .head(let request)? = try? parser.next(bytes.span, from: &position) else { return nil }
    for number in [try? Tus.offset(request), try? Tus.length(request), try? Tus.repeatedLength(request) ?? 0] {
        if let number, !(0..<1_000_000_000_000_000_000).contains(number) { return "a number: \(number)" }
    }
    if let checksum = try? Tus.checksum(request), checksum.expected.count != checksum.algorithm.count {
        return "\(checksum.expected.count) bytes of \(checksum.algorithm)"
    }
    guard let metadata = try? Tus.metadata(request) else {
        // Nothing can be asked for with what does not read.
        return (try? Tus.document(request)) == nil ? nil : "a document of metadata that do not read"
    }
    let value = request.fields["Upload-Metadata"] ?? ""
    let keys = value.split(separator: ",", omittingEmptySubsequences: false).compactMap { $0.split(separator: " ").first }
    guard metadata.count <= 16, metadata.count == keys.count, Set(keys.map(String.init)) == Set(metadata.keys) else {
        return "\(metadata.count) of \(keys.count) keys"
    }
    guard let document = try? Tus.document(request) else { return nil }
    guard document.length >= 0 else { return "a length: \(document.length)" }
    guard let detail = document.detail else {
        return metadata.keys.allSatisfy({ $0 == "part" }) ? nil : "a sealed document with more than its part"
    }
    guard detail.name == metadata["filename"] ?? metadata["name"], detail.folder != "", detail.lots.count <= 1000,
        detail.lots.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 64 }), detail.signatureOf ?? 1 > 0
    else { return "\(detail)" }
    return nil
}
