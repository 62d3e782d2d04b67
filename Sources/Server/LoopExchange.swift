internal import HTTP

/// The application's hold on an exchange. Every call becomes a message to the loop that owns the connection.
final class LoopExchange: Exchange {
    private let loop: EventLoop
    private let key: ExchangeKey

    init(_ loop: EventLoop, _ key: ExchangeKey) {
        self.loop = loop
        self.key = key
    }

    deinit {
        // An application that drops an exchange unanswered would leave a client waiting for ever.
        loop.post(.forgotten(key))
    }

    func respond(_ response: Response) {
        loop.post(.respond(key, response))
    }

    func receive(_ receiver: any BodyReceiver, limit: Int64) {
        loop.post(.receive(key, receiver, limit: limit))
    }

    func resume() {
        loop.post(.resume(key))
    }
}
