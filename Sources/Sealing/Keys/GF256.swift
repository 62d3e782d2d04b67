/// Arithmetic in GF(2^8) with modulus 0x11d, libgfshare's field. In constant time: no table, no branch on a value.
enum GF256 {
    static func multiply(_ a: UInt8, _ b: UInt8) -> UInt8 {
        var (a, b, product) = (a, b, UInt8(0))
        for _ in 0..<8 {
            product ^= a & (0 &- (b & 1))
            a = a << 1 ^ 0x1d & (0 &- (a >> 7))
            b >>= 1
        }
        return product
    }

    /// a^254: the inverse, and 0 for 0.
    static func inverse(_ a: UInt8) -> UInt8 {
        var result: UInt8 = 1
        for bit in (0..<8).reversed() {
            result = multiply(result, result)
            // 254 is public.
            if 254 >> bit & 1 == 1 { result = multiply(result, a) }
        }
        return result
    }
}
