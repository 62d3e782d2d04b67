import Canonical
import Testing

@testable import Evidence

@Suite struct ReportTests {
    @Test func itHoldsOnlyIfSomethingWasCheckedAndNothingFails() {
        var report = Report()
        #expect(!report.isGood)
        report.note("time", "receipt", "by the operator's clock")
        report.restsOnTheOperator("witness", "checkpoint", "no witness signed it")
        #expect(!report.isGood)
        report.holds("seal", "seal.json", "the leaf names it")
        #expect(report.isGood)
        report.fails("log-proof", "receipt.tlog-proof", "the leaf is not below that root")
        #expect(!report.isGood)
    }

    @Test func oneLineACheck() {
        var report = Report()
        report.holds("document", "offre\nholds: all: x: y", "is\u{202E} there")
        report.fails("seal", "seal.json", "it is of another bid")
        #expect(
            report.text == """
                holds: document: offre\u{FFFD}holds: all: x: y: is\u{FFFD} there
                FAILS: seal: seal.json: it is of another bid

                """)
    }

    @Test func programsReadTheSame() {
        var report = Report()
        report.restsOnTheOperator("time", "timestamp001.tst", "no outside authority stamped it")
        #expect(
            String(decoding: report.json.encoded(), as: UTF8.self)
                == #"{"checks":[{"check":"time","outcome":"operators-word","subject":"timestamp001.tst","text":"no outside authority stamped it"}],"good":false}"#)
    }

    @Test func aCheckThatThrowsFailsWithItsWords() {
        var report = Report()
        let value = report.check("seal", "seal.json", "it is there") { 7 }
        let none: Int? = report.check("leaf", "leaf.json", "it reads") { throw EvidenceError("the leaf does not read") }
        #expect(value == 7 && none == nil)
        #expect(report.checks.map(\.outcome) == [.holds, .fails])
        #expect(report.checks[1].text == "the leaf does not read")
    }
}
