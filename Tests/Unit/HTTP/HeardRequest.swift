import HTTP

/// What a parser said of some bytes, comparable.
enum HeardRequest: Equatable, CustomStringConvertible {
    case head(String)
    case body(String)
    case end
    case refused(Int, String)

    var description: String {
        switch self {
        case .head(let text): "head \(text)"
        case .body(let text): "body \(text)"
        case .end: "end"
        case .refused(let status, let reason): "\(status) \(reason)"
        }
    }
}

/// Parses `bytes` in pieces of `size`; neighbouring body bytes are joined.
func heard(_ bytes: [UInt8], inPiecesOf size: Int, maximumHead: Int = 16 * 1024, maximumFields: Int = 64) -> [HeardRequest] {
    var parser = RequestParser(maximumHead: maximumHead, maximumFields: maximumFields)
    var events: [HeardRequest] = []
    var start = 0
    while start < bytes.count {
        let piece = Array(bytes[start..<min(start + size, bytes.count)])
        start += piece.count
        var position = 0
        do throws(RequestRefusal) {
            while let event = try parser.next(piece.span, from: &position) {
                switch event {
                case .head(let request):
                    let fields = request.fields.all.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
                    events.append(
                        .head(
                            "\(request.method) \(request.path) \(request.query.map { "\($0.name)=\($0.value)" }) \(fields) "
                                + "\(request.contentLength ?? -1) \(request.isChunked) \(request.expectsContinue)"))
                case .body(let range):
                    let text = String(decoding: piece[range], as: UTF8.self)
                    if case .body(let before)? = events.last { events[events.count - 1] = .body(before + text) } else {
                        events.append(.body(text))
                    }
                case .end:
                    events.append(.end)
                }
            }
        } catch {
            return events + [.refused(error.status, error.reason.description)]
        }
    }
    return events
}

/// The refusal of a text, or nil if all of it was accepted.
func refusal(_ text: String) -> HeardRequest? {
    heard(Array(text.utf8), inPiecesOf: .max / 2).first { if case .refused = $0 { true } else { false } }
}
