import Foundation
@testable import Linux
import Testing

@Suite struct ThreadTests {
    @Test func doesJobsInOrderAndAllBeforeItStops() throws {
        let queue = try WorkQueue(name: "test", threads: 1, capacity: 1000)
        let done = Monitor<[Int]>([])
        for number in 0..<1000 {
            #expect(queue.submit { done.change { $0.append(number) } } || number > 0)
        }
        queue.stop()
        let all = done.change { $0 }
        #expect(all == all.sorted())
        #expect(!queue.submit {})
    }

    /// A full queue says so at once, and takes jobs again when there is room.
    @Test func refusesBeyondItsCapacity() throws {
        let queue = try WorkQueue(name: "test", threads: 1, capacity: 2)
        let gate = Monitor(false)
        let begun = Monitor(0)
        let job: WorkQueue.Job = {
            begun.change { $0 += 1 }
            gate.wait { $0 ? () : nil }
        }
        #expect(queue.submit(job))
        begun.wait { $0 == 1 ? () : nil }
        #expect(queue.submit(job))
        #expect(queue.submit(job))
        #expect(!queue.submit(job))
        gate.change { $0 = true }
        begun.wait { $0 == 3 ? () : nil }
        #expect(queue.submit(job))
        queue.stop()
        #expect(begun.change { $0 } == 4)
    }

    @Test func threadsShareTheJobs() throws {
        let queue = try WorkQueue(name: "test", threads: 3, capacity: 10)
        let meeting = Monitor(0)
        // Each waits for the others: one thread alone would never end.
        for _ in 0..<3 {
            _ = queue.submit {
                meeting.change { $0 += 1 }
                meeting.wait { $0 == 3 ? () : nil }
            }
        }
        queue.stop()
        #expect(meeting.change { $0 } == 3)
    }

    @Test func givesUpWaitingInTime() {
        let monitor = Monitor(0)
        let before = Clocks.monotonicMilliseconds()
        #expect(monitor.wait(milliseconds: 50) { $0 == 1 ? () : nil } == nil)
        #expect(Clocks.monotonicMilliseconds() - before >= 50)
        #expect(monitor.wait(milliseconds: 50) { $0 == 0 ? () : nil } != nil)
    }

    @Test func aSignalIsRead() throws {
        let heard = Monitor<Signals.Signal?>(nil)
        // On a thread of its own: there every signal is blocked, and raise(3) sends to the caller.
        let thread = try OSThread.start(name: "signals") {
            guard let signals = try? Signals([.hangUp, .terminate]) else { return }
            raise(SIGTERM)
            let signal = try? signals.next()
            heard.change { $0 = signal }
        }
        thread.join()
        thread.join()
        #expect(heard.change { $0 } == .terminate)
    }

    @Test func aWakeupWakesOnceForMany() throws {
        let wakeup = try Wakeup()
        let epoll = try Epoll()
        try epoll.add(wakeup.descriptor.raw, .readable, token: 7)
        var events: [Epoll.Event] = []
        try epoll.wait(into: &events, milliseconds: 0)
        #expect(events.isEmpty)
        wakeup.signal()
        wakeup.signal()
        try epoll.wait(into: &events, milliseconds: 0)
        #expect(events.map(\.token) == [7])
        #expect(events[0].isReadable && !events[0].isWritable && !events[0].isBroken)
        wakeup.clear()
        try epoll.wait(into: &events, milliseconds: 0)
        #expect(events.isEmpty)
        try epoll.remove(wakeup.descriptor.raw)
    }
}
