import Foundation
import Procurement
import Rehearsal
import Testing

/// A client that goes away in the middle of its bid leaves a trace in the log, and nothing else.
@Suite(.serialized) struct CutConnectionTests {
    enum End: String, CaseIterable { case goodbye, fin, reset }

    @Test func leavesATraceAndNothingElse() throws {
        let vault = try WatchedVault()
        var announced: [Int64] = []
        for end in End.allCases {
            let upload = try HalfUpload(vault, length: 3_000_000 + announced.count)
            announced.append(Int64(3_000_000 + announced.count))
            try upload.send(Data.noise(1_500_000))
            // On the disk, before the end: what is removed was there. All of it, for an end may overtake what the daemon has not read.
            vault.eventually("what was sent is on the disk") {
                vault.instance.envelopeFiles().contains { name in
                    let path = "\(vault.instance.data)/envelopes/\(name)"
                    return (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) == 1_500_000
                }
            }
            switch end {
            case .goodbye: upload.close()
            case .fin: upload.cut()
            case .reset: upload.reset()
            }
            try vault.eventually("\(end) is in the log") {
                try LoggedEvents(of: vault.instance).facts(AttemptFailed.self).count == announced.count
            }
            try vault.nothingHalfIsKept()
        }
        for (fact, length) in zip(try LoggedEvents(of: vault.instance).facts(AttemptFailed.self), announced) {
            #expect(fact.cause == "cut" && fact.announced == length)
            #expect(fact.offset <= 1_500_000)
        }
        // In order, all that was sent had arrived.
        #expect(try LoggedEvents(of: vault.instance).facts(AttemptFailed.self).first?.offset == 1_500_000)
        try vault.depositWorks()
        try vault.restart()
        #expect(vault.lostAndFound() == [], "nothing was left to be found")
    }

    /// What an upload had reserved is free again, whenever and however it ends: an account may have 32 under way.
    @Test func blocksNobody() throws {
        let vault = try WatchedVault()
        for number in 0..<36 {
            let upload = try HalfUpload(vault, length: number % 4 == 0 ? nil : 1_000_000, expects: number % 4 == 1)
            // Refused, it would be told so here.
            if number % 4 == 1 { #expect(upload.reads(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100")) }
            if number % 4 == 2 { try upload.send(Data.noise(200_000)) }
            if number % 2 == 0 { upload.cut() } else { upload.reset() }
        }
        // Each of them was let in, or was gone before it could be: none holds a place now.
        try vault.eventually("an account's places are free") {
            var held: [HalfUpload] = []
            for _ in 0..<32 {
                let upload = try HalfUpload(vault, length: 1000, expects: true)
                guard upload.reads(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100") else { return false }
                held.append(upload)
            }
            // The bound itself is real.
            #expect(try vault.deposit(Data("un de trop".utf8)).status == 503)
            for upload in held { upload.cut() }
            return true
        }
        try vault.eventually("and once more") { try vault.deposit(Data("à nouveau".utf8)).status == 201 }
        try vault.nothingHalfIsKept()
        try vault.checkPromise()
    }
}
