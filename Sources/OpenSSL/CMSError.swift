/// Why a CMS was not opened.
public enum CMSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It does not have the byte shape: it was never parsed.
    case shape(String)
    /// It has the shape, but this key does not open it, or its content or tag was altered.
    case unopened
    /// OpenSSL failed at something else.
    case failed(OpenSSLError)

    public var description: String {
        switch self {
        case .shape(let reason): "it does not have the shape of a sealed object: \(reason)"
        case .unopened: "the key does not open it, or it was altered"
        case .failed(let error): error.description
        }
    }
}
