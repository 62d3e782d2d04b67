import HTTP

/// What must hold of any bytes whatever: cut into pieces they say the same, no byte is passed over or read twice, and nothing
/// follows a refusal. Asked by the tests of files and by the fuzzer.
///
/// - Returns: what does not hold; nil where all does.
func disagreement(over bytes: [UInt8]) -> String? {
    let whole = heard(bytes, inPiecesOf: .max / 2)
    for size in [1, 2, 7] where heard(bytes, inPiecesOf: size) != whole {
        return "in pieces of \(size): \(heard(bytes, inPiecesOf: size)), whole: \(whole)"
    }
    if let refused = whole.firstIndex(where: { if case .refused = $0 { true } else { false } }), refused != whole.count - 1 {
        return "something follows a refusal: \(whole)"
    }
    var parser = RequestParser(maximumHead: 16 * 1024, maximumFields: 64)
    var (position, announced, isInRequest) = (0, Int64?.none, false)
    do throws(RequestRefusal) {
        while true {
            let before = position
            guard let event = try parser.next(bytes.span, from: &position) else { break }
            guard before <= position, position <= bytes.count else { return "read from \(before) to \(position) of \(bytes.count)" }
            switch event {
            case .head(let request):
                guard !isInRequest else { return "a head within a request" }
                guard !request.isChunked || request.contentLength == nil else { return "two framings" }
                (isInRequest, announced) = (true, request.isChunked ? nil : request.contentLength ?? 0)
            case .body(let range):
                guard isInRequest, before <= range.lowerBound, range.upperBound == position, !range.isEmpty else {
                    return "a body of \(range) at \(before)..<\(position)"
                }
                announced = announced.map { $0 - Int64(range.count) }
            case .end:
                guard isInRequest, announced ?? 0 == 0 else { return "an end, \(announced ?? 0) bytes early" }
                isInRequest = false
            }
        }
        return position == bytes.count ? nil : "stopped at \(position) of \(bytes.count)"
    } catch {
        return nil
    }
}
