import Foundation

/// Keeps a consultation's deadline ahead of a machine, however slow: the buyer extends it, until it is let go.
public final class HeldDeadline {
    private let consultation: Consultation
    private let thread: Thread

    /// - Parameter seconds: how near the deadline may come before it is extended by twice as much.
    public init(of consultation: Consultation, seconds: Double = 45) {
        self.consultation = consultation
        // Of the instance only the port changes, at a start; a test that restarts it keeps it.
        nonisolated(unsafe) let curl = consultation.cast.buyer.curl
        let path = consultation.path
        let first = (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(consultation.deadline)) ?? Date()
        thread = Thread {
            var deadline = first
            while !Thread.current.isCancelled {
                if deadline.timeIntervalSinceNow < seconds {
                    // A daemon that was killed is asked again.
                    let answer = try? curl.put(path + "/deadline", ["deadline": Consultation.instant(seconds: 2 * seconds)])
                    if answer?.status == 200 { deadline = Date(timeIntervalSinceNow: 2 * seconds) }
                }
                Thread.sleep(forTimeInterval: 1)
            }
        }
        thread.start()
    }

    deinit { thread.cancel() }

    /// Waits until the deadline has passed and the closing statement is there.
    public func letGo() throws {
        thread.cancel()
        let until = Date(timeIntervalSinceNow: 600)
        while try consultation.cast.buyer.curl.get(consultation.path + "/closing").status != 200 {
            if Date() > until { throw Instance.Unready(description: "no closing statement: \(consultation.cast.instance.log)") }
            Thread.sleep(forTimeInterval: 0.5)
        }
    }
}
