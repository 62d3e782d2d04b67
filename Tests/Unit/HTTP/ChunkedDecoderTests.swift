import HTTP
import Testing

@Suite struct ChunkedDecoderTests {
    /// Ranges point into the input, so that nobody copies a body.
    @Test func givesRangesOfTheInput() throws {
        let bytes = Array("5;x\r\nhello\r\n001\r\n!\r\n0\r\nA: b\r\n\r\nrest".utf8)
        var decoder = ChunkedDecoder()
        var position = 0
        #expect(try decoder.next(bytes.span, from: &position) == .body(5..<10))
        #expect(try decoder.next(bytes.span, from: &position) == .body(17..<18))
        #expect(try decoder.next(bytes.span, from: &position) == .end)
        #expect(Array(bytes[position...]) == Array("rest".utf8))
        #expect(try decoder.next(bytes.span, from: &position) == nil)
        #expect(Array(bytes[position...]) == Array("rest".utf8))
    }

    /// Two chunks of 2^59 bytes: sizes beyond any body are counted without overflow.
    @Test func countsHugeChunks() throws {
        var decoder = ChunkedDecoder()
        let bytes = Array("7ffffffffffffff\r\nab".utf8)
        var position = 0
        #expect(try decoder.next(bytes.span, from: &position) == .body(17..<19))
        #expect(try decoder.next(bytes.span, from: &position) == nil)
    }
}
