internal import OpenSSL

/// Shamir's sharing of a secret, byte by byte over GF(2^8), as libgfshare does it: the share of member `x` is the
/// polynomial's value at `x`, the secret its value at 0. `gfsplit` and `gfcombine` read and write the same shares.
enum Shamir {
    /// A polynomial of degree k − 1 for each byte. The coefficients are cleansed with it.
    struct Polynomial: ~Copyable {
        /// Coefficients of the highest power first, `count` bytes each; the secret is last.
        private let coefficients: Secret
        private let count: Int
        private let k: Int

        init(secret: borrowing Secret, k: Int) throws(OpenSSLError) {
            precondition((1...255).contains(k))
            let count = secret.count
            let random = try Secret.random(count * (k - 1))
            coefficients = random.withBytes { random in
                secret.withBytes { secret in
                    Secret(count: count * k) { all in
                        for index in random.indices { all[index] = random[index] }
                        for index in secret.indices { all[random.count + index] = secret[index] }
                    }
                }
            }
            self.count = count
            self.k = k
        }

        /// The share of member `number`, 1 to 255.
        func share(_ number: Int) -> Secret {
            let x = UInt8(number)
            precondition(x > 0)
            let (count, k) = (count, k)
            return coefficients.withBytes { coefficients in
                Secret(count: count) { share in
                    for index in 0..<count {
                        var value: UInt8 = 0
                        for power in 0..<k { value = GF256.multiply(value, x) ^ coefficients[power * count + index] }
                        share[index] = value
                    }
                }
            }
        }
    }

    /// The secret that the shares combine to: right only if there are k good ones. Numbers are distinct, 1 to 255.
    static func combine(_ numbers: [Int], count: Int, share: (Int, (Span<UInt8>) -> Void) -> Void) -> Secret {
        var sum = Secret(count: count) { _ in }
        for number in numbers {
            // The Lagrange coefficient at 0; in this field subtraction is addition.
            var (above, below): (UInt8, UInt8) = (1, 1)
            for other in numbers where other != number {
                above = GF256.multiply(above, UInt8(other))
                below = GF256.multiply(below, UInt8(other) ^ UInt8(number))
            }
            // One inverse for each share, not for each pair.
            let weight = GF256.multiply(above, GF256.inverse(below))
            share(number) { bytes in
                precondition(bytes.count == count)
                let term = Secret(count: count) { term in
                    for index in bytes.indices { term[index] = GF256.multiply(bytes[index], weight) }
                }
                sum = sum.xor(term)
            }
        }
        return sum
    }
}
