public import HTTP
public import Linux
public import OpenSSL

/// Serves an application over HTTP/1.1.
public final class HTTPServer: Sendable {
    private let loops: [EventLoop]
    private let census: Census
    private let readers: WorkQueue
    private let listeners: [Listener]
    private let clock: @Sendable () -> Int64
    private let threads = Monitor<[OSThread]>([])

    /// Throws if the process may not have the descriptors that `limits` asks for (RLIMIT_NOFILE is raised as far as it may be).
    /// - Parameters:
    ///   - tls: for the listeners that are secure; nil serves everything plain.
    ///   - threads: event loops; one per core.
    ///   - clock: monotonic milliseconds, on which every time-out is judged.
    ///   - wallClock: milliseconds since 1970, for the `Date` field alone.
    public init(
        application: any Application, listeners: [Listener], tls: TLSContext?, limits: ConnectionLimits, threads: Int,
        clock: @escaping @Sendable () -> Int64 = Clocks.monotonicMilliseconds,
        wallClock: @escaping @Sendable () -> Int64 = Clocks.realtimeMilliseconds
    ) throws(ServerError) {
        precondition(threads > 0 && listeners.count < 1000)
        Signals.ignorePipe()
        try Self.checkDescriptors(limits, others: listeners.count + 2 * threads)
        do throws(LinuxError) {
            census = Census(limits)
            // A connection has at most one piece under way, so that the queue is never full.
            readers = try WorkQueue(
                name: "sceau-read", threads: limits.readingThreads, capacity: limits.connections + 1024)
            var loops: [EventLoop] = []
            for _ in 0..<threads {
                loops.append(
                    try EventLoop(
                        application: application, listeners: listeners, tls: tls, limits: limits, census: census,
                        readers: readers, clock: clock, wallClock: wallClock))
            }
            self.loops = loops
        } catch {
            throw .system(error)
        }
        self.listeners = listeners
        self.clock = clock
    }

    /// The TCP ports listened to, in the order of the listeners.
    public var ports: [UInt16] { listeners.compactMap(\.port) }

    /// Starts the loops; returns when they run.
    public func start() throws(ServerError) {
        for (number, loop) in loops.enumerated() {
            let loops = self.loops
            do throws(LinuxError) {
                let thread = try OSThread.start(name: "sceau-loop-\(number)") { loop.run(peers: loops) }
                threads.change { $0.append(thread) }
            } catch {
                stop(within: 0)
                throw .system(error)
            }
        }
    }

    /// Takes no more connections, closes those between requests, and lets the others end: each request already begun is
    /// answered, with `Connection: close`. A body still coming after `seconds` is abandoned as `stopping`. Returns when the last
    /// connection is closed, which is at most twice the limits' linger time later. Not to be called from a loop.
    public func stop(within seconds: Int) {
        let bound = clock() + Int64(seconds) * 1000
        for loop in loops { loop.post(.stop(bound: bound)) }
        let running = threads.change { threads in
            defer { threads = [] }
            return threads
        }
        for thread in running { thread.join() }
        readers.stop()
    }

    /// Uses another certificate for the connections to come, and other limits. What needs a restart: the number of reading
    /// threads, and more connections than descriptors allow, which throws.
    public func reload(tls: TLSContext?, limits: ConnectionLimits) throws(ServerError) {
        try Self.checkDescriptors(limits, others: listeners.count + 2 * loops.count)
        census.change(limits)
        for loop in loops { loop.post(.reload(tls, limits)) }
    }

    private static func checkDescriptors(_ limits: ConnectionLimits, others: Int) throws(ServerError) {
        let needed = limits.connections + limits.reservedDescriptors + others
        let available: Int
        do throws(LinuxError) {
            available = try Descriptors.raiseLimit()
        } catch {
            throw .system(error)
        }
        guard needed <= available else { throw .descriptors(needed: needed, available: available) }
    }
}
