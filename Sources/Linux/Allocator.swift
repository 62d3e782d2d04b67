internal import CLinux

/// How the C library's allocator treats memory that is freed.
public enum Allocator {
    /// Keeps what is freed for the next piece of ciphertext instead of giving it back to the kernel (mallopt(3)).
    ///
    /// Left to itself malloc maps and unmaps each quarter of a mebibyte: a gibibyte cost 280,000 page faults and twice the
    /// kernel's time. What stays is bounded by what was in use at once, and by 64 MiB a heap.
    public static func keepFreedMemory() {
        mallopt(M_MMAP_THRESHOLD, 4 << 20)
        mallopt(M_TRIM_THRESHOLD, 64 << 20)
    }

    /// Gives the kernel every page in which nothing lies (malloc_trim(3)). Some milliseconds, in which others' malloc may wait.
    ///
    /// Where very many small things that stay are made between large ones that do not, the holes are far more than what stays.
    public static func giveBackFreedMemory() { malloc_trim(0) }
}
