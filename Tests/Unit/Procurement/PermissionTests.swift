import Canonical
import Procurement
import Testing

/// Role × phase × action, walked in full against a table written from the design, not from the code.
@Suite("Who may do what, when")
struct PermissionTests {
    /// One character a phase, in the order draft, sealed, published, closed, opening, opened, archived:
    /// `+` may, `p` not in this phase (409), `f` forbidden (403), `-` does not exist for this one (404).
    ///
    /// Rows are for a user of the consultation's own account, with that role alone.
    static let own = """
        view            operator    --+++++
        view            admin       --+++++
        view            buyer       +++++++
        view            validator   +++++++
        view            opener      +++++++
        view            auditor     +++++++
        view            bidder      --+++++
        read-keys       buyer       p++++++
        read-keys       opener      p++++++
        set-keys        buyer       +++pppp
        add-keys        buyer       pp+pppp
        accept          opener      p+++++p
        rehearse        opener      p+++++p
        publish         buyer       p+ppppp
        extend          buyer       pp+pppp
        unfreeze        buyer       pp++++p
        archive         buyer       ppp+++p
        register-copy   buyer       pp+++++
        decide-copy     buyer       ppp++++
        read-presented  buyer       ppp++++
        read-presented  opener      ppp++++
        read-presented  auditor     ppp++++
        deposit         bidder      --fffff
        read-receipt    bidder      --fffff
        withdraw        bidder      --fffff
        state-intent    bidder      --fffff
        read-closing    buyer       ppp++++
        read-closing    opener      ppp++++
        read-closing    bidder      --fffff
        read-line       bidder      --fffff
        disclose        buyer       ppp++++
        reopen          buyer       ppp++pp
        waive           buyer       ppp++pp
        admit-late      buyer       ppp+++p
        announce        opener      ppp+++p
        reshare         opener      p+++++p
        read-openings   buyer       +++++++
        read-openings   opener      +++++++
        approve         opener      pppp++p
        release         opener      pppp++p
        read-bids       opener      pppp++p
        conclude        opener      pppp++p
        """

    /// Of another public body.
    static let other = """
        view            operator    --+++++
        view            admin       --+++++
        view            buyer       --+++++
        view            validator   --+++++
        view            opener      --+++++
        view            auditor     --+++++
        view            bidder      --+++++
        read-keys       buyer       --fffff
        read-keys       opener      --fffff
        set-keys        buyer       --fffff
        add-keys        buyer       --fffff
        accept          opener      --fffff
        rehearse        opener      --fffff
        publish         buyer       --fffff
        extend          buyer       --fffff
        unfreeze        buyer       --fffff
        archive         buyer       --fffff
        register-copy   buyer       --fffff
        decide-copy     buyer       --fffff
        read-presented  buyer       --fffff
        read-presented  opener      --fffff
        read-presented  auditor     --fffff
        deposit         bidder      --fffff
        read-receipt    bidder      --fffff
        withdraw        bidder      --fffff
        state-intent    bidder      --fffff
        read-closing    buyer       --fffff
        read-closing    opener      --fffff
        read-closing    bidder      --fffff
        read-line       bidder      --fffff
        disclose        buyer       --fffff
        reopen          buyer       --fffff
        waive           buyer       --fffff
        admit-late      buyer       --fffff
        announce        opener      --fffff
        reshare         opener      --fffff
        read-openings   buyer       --fffff
        read-openings   opener      --fffff
        approve         opener      --fffff
        release         opener      --fffff
        read-bids       opener      --fffff
        conclude        opener      --fffff
        """

    /// Of a company: as another public body, but it deposits, and reads its receipts.
    static let company = other.replacing("deposit         bidder      --fffff", with: "deposit         bidder      --++++p")
        .replacing("withdraw        bidder      --fffff", with: "withdraw        bidder      --+pppp")
        .replacing("state-intent    bidder      --fffff", with: "state-intent    bidder      --+pppp")
        .replacing("read-receipt    bidder      --fffff", with: "read-receipt    bidder      --+++++")
        .replacing("read-closing    bidder      --fffff", with: "read-closing    bidder      --p++++")
        .replacing("read-closing    buyer       --fffff", with: "read-closing    buyer       --p++++")
        .replacing("read-closing    opener      --fffff", with: "read-closing    opener      --p++++")
        .replacing("read-line       bidder      --fffff", with: "read-line       bidder      --+++++")

    /// What the table says; a role without a row is forbidden whatever the phase.
    static func expectation(_ table: String, _ action: Action, _ role: Role, _ phase: Phase) -> Character {
        for line in table.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words[0] == action.rawValue, words[1] == role.rawValue else { continue }
            let phases: [Phase] = [.draft, .sealed, .published, .closed, .opening, .opened, .archived]
            return Array(words[2])[phases.firstIndex(of: phase) ?? 0]
        }
        return "f"
    }

    static func answer(_ body: () throws(Refusal) -> Void) -> Character {
        switch refusal(body)?.kind {
        case nil: "+"
        case .phase: "p"
        case .forbidden: "f"
        case .notFound: "-"
        default: "?"
        }
    }

    static let ofNone: [Action] = [.create, .platform, .timestamp, .present, .readAttempt, .readNotices, .attestHealth, .readClock, .readHostKeys, .audit, .readShares,
        .readReminders, .setCommittee, .readCommittees]
    static let ofConsultations = Action.allCases.filter { !ofNone.contains($0) }

    @Test("in the account itself", arguments: ofConsultations, Role.allCases)
    func own(_ action: Action, _ role: Role) {
        walk(PermissionTests.own, action, Scene.principal(role))
    }

    @Test("from another public body", arguments: ofConsultations, Role.allCases)
    func other(_ action: Action, _ role: Role) {
        walk(PermissionTests.other, action, Scene.principal(role, account: Scene.identifier(0xa2)))
    }

    @Test("from a company", arguments: ofConsultations, Role.allCases)
    func company(_ action: Action, _ role: Role) {
        walk(PermissionTests.company, action, Scene.principal(role, account: Scene.bidder.account, kind: .company))
    }

    private func walk(_ table: String, _ action: Action, _ principal: Principal) {
        for role in principal.roles {
            for phase in Phase.allCases {
                let expected = PermissionTests.expectation(table, action, role, phase)
                let consultation = Scene.consultation(phase)
                #expect(consultation.phase == phase)
                let answer = PermissionTests.answer { () throws(Refusal) in try consultation.check(principal, may: action) }
                #expect(answer == expected, "\(action.rawValue) by \(role.rawValue) of a consultation that is \(phase.rawValue)")
            }
        }
    }

    @Test("the tables name every phase, action and role that there is")
    func complete() {
        let words = PermissionTests.own.split(whereSeparator: { $0 == " " || $0 == "\n" })
        #expect(Phase.allCases.count == 7 && Role.allCases.count == 7 && Action.allCases.count == 44)
        #expect(Set(words.enumerated().filter { $0.offset % 3 == 0 }.map { String($0.element) }) == Set(PermissionTests.ofConsultations.map(\.rawValue)))
        #expect(words.enumerated().filter { $0.offset % 3 == 2 }.allSatisfy { $0.element.count == 7 })
    }

    @Test("what concerns no consultation", arguments: Role.allCases)
    func without(_ role: Role) {
        for action in PermissionTests.ofNone {
            let isExpected =
                switch action {
                case .platform, .timestamp: true
                case .readAttempt, .readNotices: role == .bidder
                case .present: role == .bidder || role == .buyer
                case .attestHealth: role == .admin
                case .audit: role == .auditor
                case .readShares: role == .opener
                case .readReminders, .readCommittees: role == .admin || role == .buyer || role == .opener
                case .setCommittee: role == .admin
                case .readClock, .readHostKeys: role == .operator || role == .admin
                default: role == .buyer
                }
            let answer = PermissionTests.answer { () throws(Refusal) in try Permission.check(Scene.principal(role), may: action) }
            #expect(answer == (isExpected ? "+" : "f"))
        }
    }

    @Test("several roles add up")
    func several() {
        let both = Scene.principal(.buyer, .opener)
        for phase in Phase.allCases {
            for action in PermissionTests.ofConsultations {
                let answers = [both, Scene.principal(.buyer), Scene.principal(.opener)].map { principal in
                    PermissionTests.answer { () throws(Refusal) in try Scene.consultation(phase).check(principal, may: action) }
                }
                #expect((answers[0] == "+") == answers[1...].contains("+"), "\(action) \(phase)")
            }
        }
    }

    @Test("no role, no right")
    func none() {
        for action in Action.allCases {
            #expect(refusal { () throws(Refusal) in try Permission.check(Scene.principal(), may: action) }?.kind == .forbidden)
        }
    }

    @Test("a draft is known to those who work on it", arguments: Phase.allCases)
    func known(_ phase: Phase) {
        let isPublic = phase != .draft && phase != .sealed
        let consultation = Scene.consultation(phase)
        #expect(consultation.isKnown(to: nil) == isPublic)
        #expect(consultation.isKnown(to: Scene.bidder) == isPublic)
        #expect(consultation.isKnown(to: Scene.strangeOpener) == isPublic)
        #expect(consultation.isKnown(to: Scene.principal(.operator)) == isPublic)
        #expect(consultation.isKnown(to: Scene.buyer))
        // A company whose account were the buyer's would still be a company.
        #expect(consultation.isKnown(to: Scene.principal(.buyer, kind: .company)) == isPublic)
    }
}
