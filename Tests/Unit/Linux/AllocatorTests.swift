import Foundation
import Glibc
import Linux
import Testing

@Suite struct AllocatorTests {
    private static func resident() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
    }

    /// In a process of its own: of this one's memory other tests have their part.
    @Test func holesAreGivenBack() async {
        await #expect(processExitsWith: .success) {
            Allocator.keepFreedMemory()
            var (large, small): ([UnsafeMutableRawPointer], [UnsafeMutableRawPointer]) = ([], [])
            for _ in 0..<2000 {
                let piece = malloc(20_000)!
                memset(piece, 1, 20_000)
                large.append(piece)
                small.append(malloc(500)!)
            }
            for piece in large { free(piece) }
            let before = try AllocatorTests.resident()
            Allocator.giveBackFreedMemory()
            let after = try AllocatorTests.resident()
            precondition(before - after > 20 << 20, "\(before) \(after)")
            for piece in small { free(piece) }
        }
    }
}
