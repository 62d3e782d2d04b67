internal import Linux
internal import SQLite

extension Register {
    /// Brings a lost mirror up, beside the scribe: blocks until it follows. Its envelopes are the caller's to copy.
    ///
    /// - Throws: ``MirrorError`` where it may not be, `RegisterFailure` while stopping, else what failed.
    public func bringUpMirror() throws {
        guard let mirror, mirror.status == .lost else { return }
        let kept = Monitor<Result<MirrorRequests.Handed, any Error>?>(nil)
        let snapshot = try ask(.keep(kept), kept).connection
        do {
            let copy = try MirrorCopy(mirror, bringingUpTo: snapshot, instance: instance)
            try snapshot.rollback()
            let followed = Monitor<Result<Void, any Error>?>(nil)
            try ask(.follow(copy, followed), followed)
        } catch {
            mirror.requests.add(.forget)
            mirror.lose(error)
            throw error
        }
    }

    private func ask<Answer>(_ request: MirrorRequests.Request, _ answer: Monitor<Result<Answer, any Error>?>) throws -> Answer {
        mirror?.requests.add(request)
        // So that the scribe wakes.
        try commit(.trace) { _ in [] }
        return try answer.wait { $0 }.get()
    }

    /// At the start, before the scribe runs.
    ///
    /// - Returns: nil where it cannot be used, and is lost.
    /// - Throws: ``MirrorError`` where it is not a mirror of this register: nothing starts on that.
    static func startMirror(_ mirror: Mirror, _ register: Connection, instance: Instance) throws -> MirrorCopy? {
        do {
            let copy = try MirrorCopy(mirror, bringingUpTo: register, instance: instance)
            mirror.begin(copy)
            return copy
        } catch let error as MirrorError {
            throw error
        } catch {
            mirror.lose(error)
            return nil
        }
    }
}
