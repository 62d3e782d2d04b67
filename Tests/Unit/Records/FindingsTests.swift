import Canonical
import Procurement
import SQLite
import Testing

@testable import Records

struct FindingsTests {
    let data: DataFolder
    let story: Story

    init() throws {
        data = try DataFolder()
        let register = try data.open()
        story = try Story(in: register)
        register.stop()
    }

    @Test func aGoodRegisterHasNone() throws {
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func besideARunningDaemonToo() throws {
        let register = try data.open()
        defer { register.stop() }
        let gate = Gate(register)
        #expect(try Register.findings(data: data.path) == [])
        gate.open()
        for number in 0..<5 {
            try register.commit { _ in [counted(number)] }
            #expect(try Register.findings(data: data.path) == [])
        }
    }

    @Test func anAlteredObjectIsNamed() throws {
        try data.tamper { connection in
            try connection.run(
                "UPDATE object SET bytes = x'00' WHERE digest = ?", .digest(digestOf(Story.object.capsule)))
        }
        #expect(
            try Register.findings(data: data.path) == ["object \(digestOf(Story.object.capsule)) is not its digest's"])
    }

    @Test(
        arguments: [
            Story.object.set, Story.object.capsule, Story.object.acceptance, Story.object.answer,
            Story.object.announcement,
            Story.object.approval, Story.object.share, Story.object.minutes, Story.object.lists, Story.object.token,
        ].map { String(decoding: $0, as: UTF8.self) }) func aMissingObjectIsNamed(_ object: String) throws
    {
        let digest = digestOf(Array(object.utf8))
        try data.tamper { try $0.run("DELETE FROM object WHERE digest = ?", .digest(digest)) }
        let findings = try Register.findings(data: data.path)
        #expect(!findings.isEmpty)
        #expect(
            findings.allSatisfy { $0.hasPrefix("object \(digest), named by event ") && $0.hasSuffix(" is missing") })
    }

    @Test func anAlteredPersonIsNamedAndAnErasedOneIsNot() throws {
        try data.tamper { try $0.execute("UPDATE person SET bytes = x'00'") }
        #expect(try Register.findings(data: data.path) == ["person \(story.person) is not its digest's"])
        try data.tamper { try $0.execute("DELETE FROM person") }
        #expect(try Register.findings(data: data.path) == [])
    }

    @Test func checkingChangesNothing() throws {
        let before = try data.backup()
        _ = try Register.findings(data: data.path)
        #expect(try data.backup() == before)
    }

    /// What no reader would take is never appended.
    @Test func anEventThatCannotBeReadIsRefused() throws {
        let register = try data.open()
        defer { register.stop() }
        let fact = RefusalsCounted(source: "x", reason: "y", minute: Instant(milliseconds: 1), count: 1)
        #expect(throws: RegisterFailure.self) {
            try register.commit { _ in [counted(1), EventDraft(log: .real, fact: fact)] }
        }
        #expect(throws: RegisterFailure.self) {
            try register.commit { _ in [EventDraft(log: .real, fact: SetAside(file: "a", length: -1))] }
        }
        #expect(
            try register.commit { _ in [counted(2)] }[0].position
                == Int64(story.events.filter { $0.log == .real }.count + 1))
    }
}
