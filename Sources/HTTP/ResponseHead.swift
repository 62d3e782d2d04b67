/// Writes the head of an answer (RFC 9112 section 4).
public enum ResponseHead {
    /// The bytes up to and with the empty line; nil if a field could not be written without changing the message's meaning
    /// (a name that is no token, a control character in a value, a length or coding of its own).
    /// - Parameter date: for `Date` (RFC 9110 section 6.6.1), see `HTTPDate`.
    public static func encode(_ response: Response, closes: Bool, date: String?) -> [UInt8]? {
        guard (200...599).contains(response.status) else { return nil }
        var text = "HTTP/1.1 \(response.status) \(reason(response.status))\r\n"
        for (name, value) in response.fields {
            guard !name.isEmpty, name.utf8.allSatisfy(Syntax.isToken), value.utf8.allSatisfy(Syntax.isFieldValue),
                !["content-length", "transfer-encoding", "connection", "date"].contains(name.lowercased())
            else { return nil }
            text += "\(name): \(value)\r\n"
        }
        if let date { text += "Date: \(date)\r\n" }
        // RFC 9110 section 8.6: no length with 204, and 304 has no body whose length could be meant.
        if response.status != 204, response.status != 304 { text += "Content-Length: \(response.body.length)\r\n" }
        if closes { text += "Connection: close\r\n" }
        text += "\r\n"
        return Array(text.utf8)
    }

    /// `HTTP/1.1 100 Continue` and its empty line (RFC 9110 section 15.2.1).
    public static let `continue` = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// The phrase that RFC 9110 section 15 gives a status; empty for others.
    public static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 425: "Too Early"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 460: "Checksum Mismatch"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: ""
        }
    }
}
