// The reader of uploads' header fields under libFuzzer: see `Tests/Fuzz/fuzz`. Built with `TusAgreement.swift` of the unit tests.

@_cdecl("LLVMFuzzerTestOneInput")
public func tus(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    if let wrong = disagreement(overTus: Array(UnsafeBufferPointer(start: bytes, count: count))) { fatalError(wrong) }
    return 0
}
