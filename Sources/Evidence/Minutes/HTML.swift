internal import Canonical
internal import Sealing

/// A page built piece by piece: what is put in is text, and stays text.
struct HTML {
    private(set) var text = ""

    /// `&`, `<`, `>`, quotes; controls and marks that turn the direction of reading become U+FFFD: a document's name must not
    /// write on the page around it.
    static func escaped(_ text: String) -> String {
        Markup.escaped(text) { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
    }

    /// Markup of this program's own.
    mutating func raw(_ markup: StaticString) { text += "\(markup)" }

    mutating func element(_ name: StaticString, _ content: String, class style: StaticString = "") {
        let attribute = style.utf8CodeUnitCount == 0 ? "" : " class=\"\(style)\""
        text += "<\(name)\(attribute)>" + HTML.escaped(content) + "</\(name)>"
    }

    /// A row of a table of two columns.
    mutating func pair(_ label: String, _ value: String) {
        text += "<tr>"
        element("th", label)
        element("td", value)
        text += "</tr>\n"
    }

    mutating func row(_ cells: [String], as cell: StaticString = "td") {
        text += "<tr>"
        for content in cells { element(cell, content) }
        text += "</tr>\n"
    }

    mutating func list(_ items: [String]) {
        text += "<ul>"
        for item in items { element("li", item) }
        text += "</ul>\n"
    }

    /// The whole page. Nothing is fetched and nothing runs: one style sheet inside, named by its digest, no script, no image.
    static func page(language: String, title: String, _ body: HTML) -> [UInt8] {
        let policy = "default-src 'none'; style-src 'sha256-\(Base64.encode(Digest(of: Array(style.utf8)).bytes))'"
        return Array(
            """
            <!DOCTYPE html>
            <html lang="\(language)"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <title>\(escaped(title))</title>
            <style>\(style)</style></head><body>

            """.utf8) + Array(body.text.utf8) + Array("</body></html>\n".utf8)
    }

    private static let style = """
        @page { size: A4; margin: 16mm 15mm; }
        body { font: 10pt/1.4 "DejaVu Sans", "Liberation Sans", Arial, sans-serif; color: #111; max-width: 180mm; margin: 1em auto; }
        h1 { font-size: 15pt; margin: 0 0 .3em; } h2 { font-size: 11.5pt; margin: 1.3em 0 .4em; border-bottom: .5pt solid #777; }
        h2, h3 { break-after: avoid; } h3 { font-size: 10pt; margin: 1em 0 .2em; } tr { break-inside: avoid; }
        p { margin: .4em 0; } .small { font-size: 8pt; color: #444; } .training { border: 1pt solid #a00; padding: .3em .6em; color: #a00; }
        table { border-collapse: collapse; width: 100%; margin: .3em 0 .6em; table-layout: fixed; }
        th, td { text-align: left; vertical-align: top; padding: .2em .5em .2em 0; border-bottom: .3pt solid #ccc; overflow-wrap: anywhere; }
        table.facts th { width: 32%; font-weight: normal; color: #444; } ul { margin: .2em 0; padding-left: 1.3em; }
        table.documents { font-size: 8pt; } table.documents th:nth-child(2) { width: 14%; } table.documents th:nth-child(3) { width: 40%; }
        table.members th:nth-child(1) { width: 18%; } table.members th:nth-child(3) { width: 52%; }
        table.bids th:nth-child(1) { width: 30%; } table.bids th:nth-child(2) { width: 30%; }
        .signatures td { height: 14mm; }
        """
}
