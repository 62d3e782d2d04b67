import Canonical
import HTTP
import Merkle
import Procurement
import Reception

/// The public log (C2SP tlog-tiles).
extension FrontDesk {
    /// nil where the route is none of the log's public ones.
    func answerLog(_ route: Route, body: [UInt8]) throws -> Response? {
        switch route {
        case .checkpoint(let log, let generation):
            return .plain(try vault.publicCheckpoint(log, generation: generation), cache: "no-cache")
        case .logKeys(let log):
            return .plain(Array(try vault.logKeys(log).map { "\($0)\n" }.joined().utf8), cache: "no-cache")
        case .tile(let log, let generation, let tile):
            return Response(
                status: 200,
                fields: [
                    ("Content-Type", "application/octet-stream"), ("Cache-Control", "public, max-age=31536000, immutable"),
                ], body: .bytes(try vault.publicTile(tile, of: log, generation: generation)))
        case .cosign(let log):
            let kept = try vault.keepCosignatures(log, note: body)
            return .json(.object(["kept": .integer(Int64(kept))]), status: 201)
        default: return nil
        }
    }

    /// One event a line: canonical JSON holds no line's end.
    func entries(_ tile: TilePath, of log: Log, generation: Int64, for principal: Principal) throws -> Response {
        let entries = try vault.entries(tile, of: log, generation: generation, for: principal)
        return Response(
            status: 200, fields: [("Content-Type", "application/x-ndjson"), ("Cache-Control", "private, no-store")],
            body: .bytes(entries.flatMap { $0 + [0x0a] }))
    }
}

extension Response {
    fileprivate static func plain(_ bytes: [UInt8], cache: String) -> Response {
        Response(
            status: 200, fields: [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", cache)],
            body: .bytes(bytes))
    }
}
