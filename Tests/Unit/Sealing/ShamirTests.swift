import Canonical
import OpenSSL
import Testing

@testable import Sealing

@Suite struct ShamirTests {
    static let secret: [UInt8] = (0..<32).map { UInt8($0 * 7 + 1) }

    @Test func everyQuorumOpensAndNothingLess() throws {
        for (n, k) in [(1, 1), (3, 2), (5, 3), (4, 4)] {
            let polynomial = try Shamir.Polynomial(secret: Secret(copying: Self.secret), k: k)
            let book = ShareBook()
            for number in 1...n { book.add(number, polynomial.share(number)) }
            for subset in 0..<(1 << n) {
                let numbers = (1...n).filter { subset >> ($0 - 1) & 1 == 1 }
                guard !numbers.isEmpty else { continue }
                let opens = book.combine(numbers).copied == Self.secret
                #expect(opens == (numbers.count >= k), "\(numbers) of \(n), \(k) open")
            }
        }
    }

    @Test func theField() {
        #expect(GF256.multiply(0x02, 0x80) == 0x1d)
        for a in UInt8(1)...255 {
            #expect(GF256.multiply(a, GF256.inverse(a)) == 1)
            #expect(GF256.multiply(a, 0) == 0)
        }
    }

    @Test func gfcombineReadsOurShares() throws {
        let polynomial = try Shamir.Polynomial(secret: Secret(copying: Self.secret), k: 3)
        let shell = try Shell()
        for number in [2, 77, 255] {
            try shell.write(
                "c.\(String(repeating: "0", count: 3 - String(number).count))\(number)", polynomial.share(number).copied
            )
        }
        #expect(try shell.run("gfcombine", "-o", "c", "c.002", "c.077", "c.255") == 0)
        #expect(try shell.read("c") == Self.secret)
    }

    @Test func weReadTheSharesOfGfsplit() throws {
        let shell = try Shell()
        try shell.write("c", Self.secret)
        #expect(try shell.run("gfsplit", "-n", "3", "-m", "5", "c") == 0)
        let book = ShareBook()
        for name in try shell.list() where name.hasPrefix("c.") {
            book.add(try #require(Int(name.dropFirst(2))), Secret(copying: try shell.read(name)))
        }
        #expect(book.numbers.count == 5)
        #expect(book.combine(Array(book.numbers.dropFirst(2))).copied == Self.secret)
    }

    @Test func aQuorumIsFoundAroundAWrongShare() throws {
        let polynomial = try Shamir.Polynomial(secret: Secret(copying: Self.secret), k: 3)
        let book = ShareBook()
        for number in 1...5 { book.add(number, number == 1 ? try Secret.random(32) : polynomial.share(number)) }
        #expect(book.combination(of: 3) { $0.copied == Self.secret } == [2, 3, 4])
        #expect(book.combination(of: 5) { $0.copied == Self.secret } == nil)
        #expect(book.combination(of: 6) { _ in true } == nil)
    }
}

@Suite struct SecretTextTests {
    @Test func base64IsThatOfEverybody() throws {
        for count in 0...64 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ count) }
            let text = Secret(count: SecretBase64.length(count)) { span in
                SecretBase64.encode(bytes.span, into: &span, at: 0)
            }.copied
            #expect(String(decoding: text, as: UTF8.self) == Base64.encode(bytes))
            #expect(try isTrue { SecretBase64.decode(text.span, count: count)?.copied == bytes })
        }
        let all = (0...255).map { UInt8($0) } + (0...255).reversed().map { UInt8($0) }
        let text = Array(Base64.encode(all).utf8)
        #expect(try isTrue { SecretBase64.decode(text.span, count: 512)?.copied == all })
    }

    @Test func oneTextForOneValue() throws {
        for wrong in [
            "AB==", "AA=A", "AAA ", "A\u{00}A=", "_AA=", "-AA=", "AAA", "AAAA", "@AA=", "[AA=", "`AA=", "{AA=", "AAB=",
        ] {
            let text = Array(wrong.utf8)
            #expect(try isTrue { SecretBase64.decode(text.span, count: 2) == nil }, "\(wrong)")
        }
        let good = Array("AAA=".utf8)
        #expect(try isTrue { SecretBase64.decode(good.span, count: 2)?.copied == [0, 0] })
    }

    /// The examples of arXiv:0901.4016: IPv4 addresses.
    @Test func proquints() throws {
        for (bytes, text) in [
            ([127, 0, 0, 1], "lusab-babad"), ([63, 84, 220, 193], "gutih-tugad"), ([216, 35, 68, 215], "tobog-higil"),
        ] as [([UInt8], String)] {
            #expect(String(decoding: Passphrase.encode(bytes.span).copied, as: UTF8.self) == text)
        }
        let made = try Passphrase.generate().copied
        #expect(made.count == 35)
        #expect(made != (try Passphrase.generate().copied))
    }
}
