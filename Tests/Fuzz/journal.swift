// The reader of drafts' journals under libFuzzer: see `Tests/Fuzz/fuzz`. Built with `JournalAgreement.swift` of the unit tests.

@_cdecl("LLVMFuzzerTestOneInput")
public func journal(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    if let wrong = disagreement(overJournal: Array(UnsafeBufferPointer(start: bytes, count: count))) { fatalError(wrong) }
    return 0
}
