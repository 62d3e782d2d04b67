/// A bounded queue of jobs and the named threads that do them, in order of submission.
public final class WorkQueue: Sendable {
    public typealias Job = @Sendable () -> Void

    private struct State {
        var jobs: [Job] = []
        var first = 0
        var stopping = false

        var count: Int { jobs.count - first }

        mutating func next() -> Job? {
            guard first < jobs.count else { return nil }
            let job = jobs[first]
            jobs[first] = {}  // what the job captured ends with it
            first += 1
            if first == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                first = 0
            } else if first > 256, first * 2 > jobs.count {
                jobs.removeFirst(first)
                first = 0
            }
            return job
        }
    }

    private let state: Monitor<State>
    private let capacity: Int
    private let threads: [OSThread]

    /// - Parameters:
    ///   - threads: how many; one gives a serial queue.
    ///   - capacity: jobs waiting at most, not counting those being done.
    public init(name: String, threads: Int, capacity: Int) throws(LinuxError) {
        precondition(threads > 0 && capacity > 0)
        let state = Monitor(State())
        var started: [OSThread] = []
        do throws(LinuxError) {
            for number in 0..<threads {
                let thread = try OSThread.start(name: threads == 1 ? name : "\(name)-\(number)") {
                    Self.work(state)
                }
                started.append(thread)
            }
        } catch {
            state.change { $0.stopping = true }
            for thread in started { thread.join() }
            throw error
        }
        self.state = state
        self.capacity = capacity
        self.threads = started
    }

    /// False if the queue is full or stopping: the job will not be done, and the caller says so to whom it concerns.
    public func submit(_ job: @escaping Job) -> Bool {
        state.change { state in
            guard !state.stopping, state.count < capacity else { return false }
            state.jobs.append(job)
            return true
        }
    }

    /// Does every job already taken, then ends the threads and returns. Not to be called from a job.
    public func stop() {
        state.change { $0.stopping = true }
        for thread in threads { thread.join() }
    }

    private static func work(_ state: Monitor<State>) {
        while true {
            let job: Job? = state.wait { state in
                if let job = state.next() { return .some(job) }
                return state.stopping ? .some(nil) : nil
            }
            guard let job else { return }
            job()
        }
    }
}
