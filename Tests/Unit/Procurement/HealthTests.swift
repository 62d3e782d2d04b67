import Canonical
import Procurement
import Testing

@Suite("Health and outages")
struct HealthTests {
    private func sample(_ time: String, accepts: Bool = true, scribe: Int64? = 2) -> HealthSample {
        HealthSample(
            at: Scene.time(time), accepts: accepts, scribe: scribe, free: 1, inodes: 1, clock: "sound", uploads: 0, load: 7)
    }

    private func outages(_ samples: [HealthSample]) -> [String] {
        Outage.between(samples).map { "\($0.from.description.dropFirst(11).prefix(8))-\($0.to.description.dropFirst(11).prefix(8)) \($0.cause)" }
    }

    @Test("ten seconds apart is well, twenty-five too")
    func well() {
        #expect(outages([]) == [])
        #expect(outages([sample("11:00:00.000")]) == [])
        #expect(outages([sample("11:00:00.000"), sample("11:00:10.000"), sample("11:00:35.000")]) == [])
    }

    @Test("a gap is an outage from the last sample before it to the first after it")
    func gap() {
        #expect(outages([sample("11:00:00.000"), sample("11:00:25.001")]) == ["11:00:00-11:00:25 not-running"])
        #expect(
            outages([sample("11:00:00.000"), sample("11:01:00.000"), sample("11:01:10.000"), sample("11:02:00.000")])
                == ["11:00:00-11:01:00 not-running", "11:01:10-11:02:00 not-running"])
    }

    @Test("what is not answered or not committed is one too, from the last moment at which all was well")
    func failing() {
        #expect(
            outages([
                sample("11:00:00.000"), sample("11:00:10.000", accepts: false), sample("11:00:20.000", accepts: false),
                sample("11:00:30.000"),
            ]) == ["11:00:00-11:00:30 not-accepting"])
        #expect(
            outages([
                sample("11:00:00.000"), sample("11:00:10.000", accepts: false), sample("11:00:20.000", scribe: nil),
                sample("11:00:30.000"),
            ]) == ["11:00:00-11:00:20 not-accepting", "11:00:20-11:00:30 not-committing"])
    }

    @Test("one that has not ended lasts up to the last sample; one before a gap, up to the gap")
    func unended() {
        #expect(
            outages([sample("11:00:00.000"), sample("11:00:10.000", scribe: nil), sample("11:00:20.000", scribe: nil)])
                == ["11:00:00-11:00:20 not-committing"])
        #expect(
            outages([
                sample("11:00:00.000"), sample("11:00:10.000", scribe: nil), sample("11:00:20.000", scribe: nil),
                sample("11:05:00.000", scribe: nil), sample("11:05:10.000"),
            ]) == ["11:00:00-11:00:20 not-committing", "11:00:20-11:05:00 not-running", "11:05:00-11:05:10 not-committing"])
    }

    @Test("a clock that runs back makes none") func back() {
        #expect(outages([sample("11:00:30.000"), sample("11:00:00.000"), sample("11:00:10.000")]) == [])
    }

    @Test("the page's examples are read, and written again as they were") func examples() throws {
        let examples = DocumentationTests.examples(try DocumentationTests.text("Attestations.md")).map { Array($0.utf8) }
        #expect(examples.count == 3)
        #expect(try HealthSamples(canonical: examples[0]).canonicalBytes == examples[0])
        #expect(try AttemptStatement(canonical: examples[1]).canonicalBytes == examples[1])
        #expect(try HealthStatement(canonical: examples[2]).canonicalBytes == examples[2])
        #expect(try HealthSamples(canonical: examples[0]).samples.first?.scribe == 3)
        #expect(try HealthStatement(canonical: examples[2]).outages.count == 1)
    }
}
