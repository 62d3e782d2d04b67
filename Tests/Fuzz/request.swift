// The parser of requests under libFuzzer: see `Tests/Fuzz/fuzz`. Built with `RequestAgreement.swift` of the unit tests.

@_cdecl("LLVMFuzzerTestOneInput")
public func request(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    if let wrong = disagreement(over: Array(UnsafeBufferPointer(start: bytes, count: count))) { fatalError(wrong) }
    return 0
}
