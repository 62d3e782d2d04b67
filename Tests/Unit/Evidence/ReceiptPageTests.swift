import Canonical
import Foundation
import Procurement
import Sealing
import Testing

@testable import Evidence

@Suite struct ReceiptPageTests {
    private func page(_ change: Deposited.Change = .init(), stamped: Bool = false, lists: [ReceiptContainer.List]? = nil) throws -> String {
        let deposited = try Deposited(change)
        return String(decoding: try (stamped ? deposited.stamped() : deposited.container(lists: lists)).page, as: UTF8.self)
    }

    @Test func theFiveMentionsAreThereInBothZones() throws {
        let page = try page(stamped: true)
        for text in [
            "Bâtir SARL", "73282932000074", "Commune de Saint-Aubin", "Réfection de la toiture de l’école",
            "Travaux de couverture et d’isolation", "2026-42", "22 novembre 2024, 11:58:31,907 (Europe/Paris, UTC+01:00)",
            "22 November 2024, 11:58:31.907", "2024-11-22T10:58:31.907Z", "bordereau des prix.pdf", "mémoire technique.pdf",
            Digest(of: Array("the text of bordereau des prix.pdf".utf8)).hex, "Reçu dans les délais", "Received on time",
            identifier(0xb1).text, "Horodatage d’essai", "n’a pas été examiné", "was not assessed", "copie de sauvegarde", "copy of safeguard",
        ] { #expect(page.contains(text.replacing(" :", with: "\u{00A0}:")), "\(text)") }
        #expect(!page.contains("ENTRAÎNEMENT") && !page.contains("provisoire"))
    }

    @Test func trainingLateAndProvisionalAreSaid() throws {
        var change = Deposited.Change()
        change.log = .training
        change.received = instant("2024-11-22T11:00:01.000Z")
        (change.recorded, change.at) = (change.received, change.received)
        let page = try page(change)
        for text in ["ENTRAÎNEMENT", "TRAINING", "Reçu HORS DÉLAI", "Received LATE", "récépissé provisoire"] {
            #expect(page.contains(text), "\(text)")
        }
    }

    @Test func aCopyWithoutListsNamesNoDocument() throws {
        let page = try page(lists: [])
        #expect(page.contains("Documents received: 2") && !page.contains("bordereau") && page.contains("bid code opens"))
    }

    /// It runs nothing, asks nothing of a network, and no text of others is markup.
    @Test func textOfOthersStaysText() throws {
        var change = Deposited.Change()
        let evil = "\"'><script>alert(1)</script><img src=https://evil.test/x>&amp;\u{202E}fdp.exe"
        (change.title, change.depositor, change.names) = (evil, evil, [evil, "</table></body>"])
        let page = try page(change)
        for text in ["<script", "<img", "</table></body>&", "\u{202E}"] { #expect(!page.contains(text), "\(text)") }
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&amp;amp;\u{FFFD}fdp.exe"))
        #expect(page.components(separatedBy: "</body>").count == 2)
        let own = try self.page()
        for text in ["<script", "http://", "https://", "src=", "@import", "url(", "<link", "<a "] { #expect(!own.contains(text), "\(text)") }
        #expect(own.contains("default-src 'none'"))
    }

    @Test func localTimesFollowTheirZone() throws {
        func local(_ text: String, _ zone: String) -> String? {
            LocalTime(instant(text), zone: zone).map { "\($0.french) \($0.offset)" }
        }
        #expect(local("2024-07-01T10:00:00.000Z", "Europe/Paris") == "1er juillet 2024, 12:00:00,000 UTC+02:00")
        #expect(local("2024-01-01T02:30:00.001Z", "America/Cayenne") == "31 décembre 2023, 23:30:00,001 UTC−03:00")
        #expect(local("2024-01-01T00:00:00.000Z", "Pacific/Noumea") == "1er janvier 2024, 11:00:00,000 UTC+11:00")
        #expect(local("2024-01-01T00:00:00.000Z", "Nowhere/Else") == nil)
    }
}
