// The reader of canonical JSON under libFuzzer: see `Tests/Fuzz/fuzz`. What it accepts is what it would write, byte for byte: so
// no two texts are the same event, line or leaf.
import Canonical

@_cdecl("LLVMFuzzerTestOneInput")
public func canonical(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = Array(UnsafeBufferPointer(start: bytes, count: count))
    guard let value = try? JSON(canonical: text) else { return 0 }
    guard value.encoded() == text else { fatalError("read, and written otherwise") }
    return 0
}
