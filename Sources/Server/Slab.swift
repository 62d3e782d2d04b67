/// Elements in numbered slots; a slot's generation grows each time it is emptied.
///
/// The key travels through epoll and other threads. A key of an element that has gone finds nothing, even when its slot, like
/// its descriptor's number, belongs to another by now.
struct Slab<Element> {
    struct Key: Hashable, Sendable {
        let slot: UInt32
        let generation: UInt32

        init(slot: UInt32, generation: UInt32) {
            self.slot = slot
            self.generation = generation
        }

        init(token: UInt64) {
            slot = UInt32(truncatingIfNeeded: token)
            generation = UInt32(truncatingIfNeeded: token >> 32)
        }

        var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
    }

    private var elements: [Element?] = []
    private var generations: [UInt32] = []
    private var free: [UInt32] = []

    var count: Int { elements.count - free.count }

    /// Puts in what `make` makes for the key it will have.
    mutating func insert(_ make: (Key) -> Element) -> Element {
        let slot: UInt32
        if let last = free.popLast() {
            slot = last
        } else {
            slot = UInt32(elements.count)
            elements.append(nil)
            generations.append(0)
        }
        let element = make(Key(slot: slot, generation: generations[Int(slot)]))
        elements[Int(slot)] = element
        return element
    }

    subscript(key: Key) -> Element? {
        guard Int(key.slot) < elements.count, generations[Int(key.slot)] == key.generation else { return nil }
        return elements[Int(key.slot)]
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Element? {
        guard let element = self[key] else { return nil }
        elements[Int(key.slot)] = nil
        generations[Int(key.slot)] &+= 1
        free.append(key.slot)
        return element
    }

    /// The elements there are now.
    var all: [Element] { elements.compactMap { $0 } }
}
