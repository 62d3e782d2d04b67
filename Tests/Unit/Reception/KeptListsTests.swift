import Canonical
import Foundation
import OpenSSL
import Procurement
import Testing

@testable import Reception

@Suite("Lists of documents at rest")
struct KeptListsTests {
    private let code = "000102030405060708090a0b0c0d0e0f"
    private let place = KeptLists.Place(
        bid: identifier(1), consultation: identifier(2), keys: .zero, seal: Digest(SHA256.hash([1])))
    private let lists = KeptLists(manifests: [Array("a".utf8), []])

    @Test func theKeyIsThePages() throws {
        let key = try BidCode(code).key(for: identifier(1))
        let other = try HKDF.sha256(
            Secret(copying: (Array(0..<16) as [UInt8]).span), salt: [],
            info: Array("sceau/kept-lists/1 bid-code \(identifier(1))".utf8), count: 32)
        #expect(key.lend { $0.equals(other) })
        let token = try ReceiptKey(token: Array("t".utf8), bid: identifier(1))
        let derived = try HKDF.sha256(
            Secret(copying: Array("t".utf8).span), salt: [], info: Array("sceau/kept-lists/1 token \(identifier(1))".utf8),
            count: 32)
        #expect(token.lend { $0.equals(derived) })
    }

    /// As the page says: also what the bytes are, so that nothing else sealed under such a key passes for them.
    @Test func thePlaceIsThePages() {
        #expect(
            String(decoding: place.associated, as: UTF8.self)
                == #"{"bid":"\#(place.bid)","consultation":"\#(place.consultation)","format":"sceau/kept-lists/1","keys":"\#(place.keys)","seal":"\#(place.seal)"}"#)
    }

    @Test func theyOpenUnderTheirKeyInTheirPlaceOnly() throws {
        let key = try BidCode(code).key(for: place.bid)
        let sealed = try lists.sealed(under: key, place: place)
        #expect(try KeptLists.opening(sealed, under: key, place: place).manifests == lists.manifests)
        #expect(try lists.sealed(under: key, place: place) != sealed, "a fresh nonce each time")
        for other in [
            try BidCode(code).key(for: identifier(9)), try BidCode("100102030405060708090a0b0c0d0e0f").key(for: place.bid),
            try ReceiptKey(token: Array(0..<16), bid: place.bid),
        ] { #expect(throws: (any Error).self) { try KeptLists.opening(sealed, under: other, place: place) } }
        for other in [
            KeptLists.Place(bid: identifier(9), consultation: place.consultation, keys: place.keys, seal: place.seal),
            KeptLists.Place(bid: place.bid, consultation: identifier(9), keys: place.keys, seal: place.seal),
            KeptLists.Place(bid: place.bid, consultation: place.consultation, keys: place.seal, seal: place.seal),
            KeptLists.Place(bid: place.bid, consultation: place.consultation, keys: place.keys, seal: place.keys),
        ] { #expect(throws: (any Error).self) { try KeptLists.opening(sealed, under: key, place: other) } }
        for index in sealed.indices {
            var altered = sealed
            altered[index] ^= 1
            #expect(throws: (any Error).self) { try KeptLists.opening(altered, under: key, place: place) }
        }
        for count in 0..<sealed.count {
            #expect(throws: (any Error).self) { try KeptLists.opening(Array(sealed[..<count]), under: key, place: place) }
        }
    }

    /// Ten thousand documents are longer than a secret may be.
    @Test func longOnesToo() throws {
        let long = KeptLists(manifests: [[UInt8](repeating: 7, count: 3 << 20)])
        let key = try BidCode(code).key(for: place.bid)
        #expect(try KeptLists.opening(long.sealed(under: key, place: place), under: key, place: place).manifests == long.manifests)
    }

    @Test func theExampleOfThePageIsRead() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../Sources/Evidence/Evidence.docc/Receipt.md")
        let block = try String(contentsOf: page, encoding: .utf8).components(separatedBy: "```json\n")[1]
        let example = Array(block.components(separatedBy: "\n```")[0].utf8)
        let lists = try KeptLists(canonical: example)
        #expect(lists.manifests == [Array("{}".utf8)] && lists.canonicalBytes == example)
    }
}
