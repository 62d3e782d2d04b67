import Canonical
import Sealing

extension KeysView {
    var fingerprint: Digest { Digest(of: keySet.bytes) }

    /// The one meant of a consultation's key sets: the one wanted, or the only one to which bids are sealed, or that is pinned here.
    ///
    /// Which sets there are is the daemon's word; what it shows of one is held against pin and signatures by who asks.
    static func fetch(_ daemon: Daemon, _ id: Identifier, _ pins: Pins, wanted: Digest?) throws(CommandError) -> KeysView {
        let path = ["consultations", id.text, "keys"]
        let current: KeysView = try daemon.get(path)
        let listed = current.sets ?? []
        let others = listed.filter { $0.original != current.original }
        guard !others.isEmpty else { return current }
        if let wanted {
            if current.isNamed(wanted) { return current }
            for other in others {
                let view: KeysView = try daemon.get(path, query: "set=" + other.original.hex)
                guard view.original == other.original else { throw .refused("the daemon shows another key set than the one asked for") }
                if view.isNamed(wanted) { return view }
            }
            // Refused by who asks, as any that is not the one given.
            return current
        }
        let inForce = listed.filter { $0.state != "proposed" }
        guard inForce.count > 1 else { return current }
        var pinned: [Digest] = []
        for set in inForce where try pins.pin(of: id, set: set.original).fingerprint != nil { pinned.append(set.original) }
        guard pinned.count == 1 else {
            throw .refused(
                "this consultation has \(inForce.count) key sets: keys were added after bids had come",
                hint: "say which is meant: " + inForce.map { "--fingerprint \($0.original.hex) (\($0.state))" }.joined(separator: ", "))
        }
        return pinned[0] == current.original ? current : try daemon.get(path, query: "set=" + pinned[0].hex)
    }

    /// Whether this fingerprint is of the set: as first made, in force, or dealt by a re-share.
    private func isNamed(_ wanted: Digest) -> Bool { wanted == fingerprint || wanted == original || wanted == pending }
}
