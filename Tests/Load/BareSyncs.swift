import Foundation
import Linux
import OpenSSL

/// What the disk gives to a program that does nothing else: one file after another, each durable with its name before the next.
struct BareSyncs {
    let folder: String

    func run(count: Int, bytes: Int) throws -> String {
        let folder = try DurableFolder.make(path: folder)
        let content = try Random.bytes(bytes)
        let began = ContinuousClock.now
        for number in 1...count {
            var file = try folder.create("\(number)")
            try file.write(all: content)
            try file.sync()
            try folder.sync()
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        return String(format: "%d %.3f %.1f", count, seconds, Double(count) / seconds)
    }
}
