import Canonical
import Procurement
import Reception

extension KeyInventory {
    /// For people: a line a key, what needs it below, what asks for attention last.
    var text: String {
        var lines: [String] = []
        for key in keys {
            var words = [key.kind, key.isCurrent ? "in use" : "kept"]
            if let since = key.since { words.append("since \(day(since)) (\(days(since, now)) days)") }
            if let until = key.until { words.append(until < now ? "ended \(day(until))" : "until \(day(until)) (\(days(now, until)) days)") }
            if let certificate = key.certificate { words.append(certificate.hex) }
            lines.append(words.joined(separator: "  ") + "  " + Log.printable(key.file))
            if let fault = key.fault { lines.append("    FAULT: \(Log.printable(fault))") }
            if let notice = key.notice {
                lines.append("    \(notice == .expired ? "EXPIRED" : "ENDS SOON (\(notice.rawValue))"): \(remedy(key.kind))")
            }
            if let stamps = key.stamps, stamps > 0 || !key.isCurrent {
                lines.append("    \(stamps) stamp\(stamps == 1 ? "" : "s") of bids and closings hold\(stamps == 1 ? "s" : "") under it")
            }
            for need in key.needs {
                lines.append("    needed by \(Log.printable(need.reference)) (\(need.consultation)), \(need.part), deadline \(need.deadline), \(need.phase.rawValue)")
            }
        }
        lines.append("tokens  \(tokens.count)" + (tokens.oldest.map { "  the oldest since \(day($0)) (\(days($0, now)) days)" } ?? ""))
        for committee in committees {
            var line = "key set  \(Log.printable(committee.reference)) (\(committee.consultation))  \(committee.phase.rawValue)  deadline \(committee.deadline)"
                + "  \(committee.k) of \(committee.n), \(committee.accepted) accepted"
            if let first = committee.first { line += "  first certificate to end: \(Log.printable(first.name)), \(day(first.until))" }
            lines.append(line)
        }
        if isRecoveryRefused { lines.append("NO RECOVERY KEY: if the time-lock key is lost, nothing opens. sceaud key add recovery --certificate FILE") }
        else if let rehearsed { lines.append("restoration last rehearsed \(day(rehearsed)) (\(days(rehearsed, now)) days ago)") }
        else { lines.append("RESTORATION NEVER REHEARSED: sceaud key rehearse --recovery FILE") }
        for need in shut {
            lines.append("CANNOT BE OPENED: \(Log.printable(need.reference)) (\(need.consultation)), \(need.part): no time-lock key of this host releases it. sceaud key restore")
        }
        for committee in soon {
            lines.append("BEFORE \(nextWorkingDay), the next working day: deadline of \(Log.printable(committee.reference)) (\(committee.consultation)) at \(committee.deadline)")
        }
        return lines.map { $0 + "\n" }.joined()
    }

    var json: JSON {
        var fields: [String: JSON] = [
            "now": .instant(now), "nextWorkingDay": .instant(nextWorkingDay), "keys": .array(keys.map(\.json)),
            "tokens": .object(
                ["count": .integer(tokens.count)].merging(tokens.oldest.map { ["oldest": .instant($0)] } ?? [:]) { $1 }),
            "committees": .array(committees.map(\.json)), "soon": .array(soon.map { .identifier($0.consultation) }),
            "recoveryRefused": .bool(isRecoveryRefused), "shut": .array(shut.map(\.json)),
        ]
        fields["recoveryRehearsed"] = rehearsed.map(JSON.instant)
        return .object(fields)
    }

    private func day(_ instant: Instant) -> Substring { instant.description.prefix(10) }
    private func days(_ from: Instant, _ to: Instant) -> Int64 { (to.second - from.second) / 86_400 }

    private func remedy(_ kind: String) -> String { "sceaud key add \(kind)" }
}

extension KeyInventory.Key {
    fileprivate var json: JSON {
        var fields: [String: JSON] = [
            "kind": .string(kind), "file": .string(file), "current": .bool(isCurrent), "needed": .array(needs.map(\.json)),
        ]
        fields["certificate"] = certificate.map(JSON.digest)
        fields["since"] = since.map(JSON.instant)
        fields["until"] = until.map(JSON.instant)
        fields["notice"] = notice.map { .string($0.rawValue) }
        fields["fault"] = fault.map(JSON.string)
        fields["stamps"] = stamps.map(JSON.integer)
        return .object(fields)
    }
}

extension KeyInventory.Committee {
    fileprivate var json: JSON {
        var fields: [String: JSON] = [
            "consultation": .identifier(consultation), "reference": .string(reference), "phase": .string(phase.rawValue),
            "deadline": .instant(deadline), "k": .integer(Int64(k)), "n": .integer(Int64(n)), "accepted": .integer(Int64(accepted)),
        ]
        fields["firstToEnd"] = first.map { .object(["name": .string($0.name), "until": .instant($0.until)]) }
        return .object(fields)
    }
}

extension KeyNeeds.Need {
    fileprivate var json: JSON {
        .object([
            "consultation": .identifier(consultation), "reference": .string(reference), "part": .string(part),
            "deadline": .instant(deadline), "phase": .string(phase.rawValue),
        ])
    }
}
