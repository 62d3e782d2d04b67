import Canonical
import Foundation
import Procurement
import Testing

@testable import Portal

@Suite("Bodies, as API.md says them")
struct RequestBodyTests {
    /// A value of the right kind for each field.
    private static let samples: [String: String] = [
        "reason": "\"Checked.\"", "grounds": #""A fault.""#, "occasion": #""signature""#, "extract": #""e30=""#,
        "reference": #""R""#, "title": #""T""#, "object": #""O""#, "deadline": #""2026-11-23T12:00:00Z""#,
        "id": #""a1""#, "sealed": "true", "submitAfter": "3", "intent": #""replaces""#, "candidate": #"{"lead":{"name":"N"}}"#, "depositor": #""D""#, "medium": #""M""#,
        "bearer": #""B""#, "arrived": #""2026-11-23T12:00:00Z""#, "decision": #""opened""#, "cause": #""late""#, "bid": #""00""#,
        "timeZone": #""Europe/Paris""#, "training": "true", "parts": #"["offer"]"#, "keySet": #""e30=""#,
        "capsules": #"["e30="]"#, "signed": #""e30=""#, "committee": #""e30=""#, "replaces": #""00""#, "fingerprint": #""00""#,
        "shares": #"[{"part":"offer","share":"e30="}]"#, "name": #""N""#, "role": #""buyer""#, "account": #""A""#,
        "siret": #""12345678900011""#, "ground": #""G""#,
        "kind": #""tls""#, "certificate": #""00""#, "hosts": #"["h"]"#, "key": #""pkcs11:x""#, "secrets": "1", "log": #""real""#, "grace": "1",
    ]

    /// Fields before the first bracket of nested ones, with the question mark of the optional.
    private static func fields(_ request: String) -> [(name: String, isOptional: Bool)] {
        let outer = request.components(separatedBy: "[")[0]
        return outer.components(separatedBy: ", ").filter { $0.contains("`") }
            .map { (Specification.words($0)[0], $0.hasSuffix("?")) }
    }

    private static func read(_ path: String, _ body: [UInt8]) throws(Refusal) {
        switch path.split(separator: "/").last {
        case "consultations": _ = try NewConsultation.reading(body)
        case "keys" where path.hasPrefix("/admin"): _ = try NewHostKey.reading(body)
        case "keys": _ = try NewKeys.reading(body)
        case "addition": _ = try NewKeysAdded.reading(body)
        case "publication": _ = try NewPublication.reading(body)
        case "deadline": _ = try NewDeadline.reading(body)
        case "archiving": _ = try NewArchiving.reading(body)
        case "logs": _ = try NewRotation.reading(body)
        case "rehearsals" where path.hasPrefix("/admin"): _ = try NewRehearsal.reading(body)
        case "tokens": _ = try NewToken.reading(body)
        case "retirement": _ = try NewRetirement.reading(body)
        case "unfreezing": _ = try NewUnfreezing.reading(body)
        case "openings": _ = try NewOpening.reading(body)
        case "approvals": _ = try NewApproval.reading(body)
        case "reopening": _ = try NewReopening.reading(body)
        case "waiver": _ = try NewWaiver.reading(body)
        case "admission": _ = try NewAdmission.reading(body)
        case "disclosure": _ = try NewDisclosure.reading(body)
        case "minutes": _ = try NewMinutes.reading(body)
        case "clock": _ = try NewClock.reading(body)
        case "bids": _ = try NewDraft.reading(body)
        case "submission": _ = try NewSubmission.reading(body)
        case "intent": _ = try NewIntent.reading(body)
        case "copies": _ = try NewCopy.reading(body)
        case "decision": _ = try NewCopyDecision.reading(body)
        case "{name}": _ = try NewCommittee.reading(body)
        case "users": _ = try NewUser.reading(body)
        default: _ = try SignedObject.reading(body)
        }
    }

    private func kind(_ path: String, _ text: String) -> Refusal.Kind? {
        do throws(Refusal) {
            try RequestBodyTests.read(path, Array(text.utf8))
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func fieldsAreNeededOrNotAsIsSaid() throws {
        let calls = try DocumentedCall.all().filter { !RequestBodyTests.fields($0.request).isEmpty }
        #expect(calls.count == 30)
        for call in calls {
            let fields = RequestBodyTests.fields(call.request)
            func body(without absent: String? = nil) throws -> String {
                let members = try fields.filter { $0.name != absent }.map { field in
                    "\"\(field.name)\":" + (try #require(RequestBodyTests.samples[field.name], "\(field.name)"))
                }
                return "{" + members.joined(separator: ",") + "}"
            }
            #expect(kind(call.path, try body()) == nil, "\(call)")
            for field in fields {
                #expect(kind(call.path, try body(without: field.name)) == (field.isOptional ? nil : .malformed), "\(call) without \(field.name)")
            }
        }
    }

    @Test func whatIsNotJSONIsMalformedAndNeverRepeated() {
        for text in ["", "{", "[]", "null", "{\"signed\":1}", "{\"signed\":\"*secret*\"}", "\u{feff}"] {
            do throws(Refusal) {
                try RequestBodyTests.read("…/openings", Array(text.utf8))
                Issue.record("\(text) was read")
            } catch {
                #expect(error.kind == .malformed)
                #expect(!(error.detail ?? "").contains("secret"))
            }
        }
    }

    @Test(arguments: [
        ("2026-11-23T12:00:00Z", "2026-11-23T12:00:00.000Z"), ("2026-11-23T12:00:00.918Z", "2026-11-23T12:00:00.918Z"),
        ("2026-11-23T13:00:00+01:00", "2026-11-23T12:00:00.000Z"), ("2026-11-23T12:00:00+00:00", "2026-11-23T12:00:00.000Z"),
        ("2026-11-22T22:30:00.001-13:30", "2026-11-23T12:00:00.001Z"), ("2027-01-01T00:30:00+01:00", "2026-12-31T23:30:00.000Z"),
    ])
    func anInstantIsAskedInUTCOrWithAnOffset(_ asked: String, _ meant: String) throws {
        #expect(try Instant(asked: asked, field: "deadline").description == meant)
    }

    @Test(arguments: [
        "", "2026-11-23", "2026-11-23T12:00:00", "2026-11-23T12:00Z", "2026-11-23 12:00:00Z", "2026-11-23T12:00:00z",
        "2026-02-30T12:00:00Z", "2026-11-23T24:00:00Z", "2026-11-23T12:00:60Z", "2026-11-23T12:00:00.9Z",
        "2026-11-23T12:00:00+1:00", "2026-11-23T12:00:00+24:00", "2026-11-23T12:00:00+01:60", "2026-11-23T12:00:00+0100",
        "2026-11-23T12:00:00Z+01:00", "+2026-11-23T12:00:00Z", "demain",
    ])
    func anythingElseIsNoInstant(_ asked: String) {
        #expect(throws: Refusal.self) { try Instant(asked: asked, field: "deadline") }
    }
}
