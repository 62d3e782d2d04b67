internal import Canonical
internal import Sealing

extension ReceiptChain {
    /// Each file given, by name and digest, against the sealed lists.
    mutating func checkDocuments(_ given: [ReceiptVerifier.Given]) {
        guard !given.isEmpty else { return }
        guard !manifests.isEmpty else {
            return report.fails("document", "receipt", "there is no list that holds, with which files could be compared")
        }
        var left = manifests.flatMap(\.documents)
        for file in given {
            // The same content may be listed twice: by name and content first, then by either.
            let found = left.firstIndex { $0.sha256 == file.sha256 && $0.name.utf8.elementsEqual(file.name.utf8) }
                ?? left.firstIndex { $0.sha256 == file.sha256 }
            if let found {
                let document = left.remove(at: found)
                guard document.length == file.length else {
                    report.fails("document", file.name, "its length is not the one listed")
                    continue
                }
                let isNamed = document.name.utf8.elementsEqual(file.name.utf8)
                report.holds(
                    "document", file.name,
                    "\(isNamed ? "name, length" : "length") and SHA-256 as listed: \(file.sha256)")
                if !isNamed { report.note("document", file.name, "was deposited under another name: \(document.name)") }
            } else if left.contains(where: { $0.name.utf8.elementsEqual(file.name.utf8) }) {
                report.fails("document", file.name, "it is not the file that was deposited under this name")
            } else {
                report.fails("document", file.name, "no such document stands in the list")
            }
        }
        for document in left {
            report.note("document", document.name, "listed (\(document.length) bytes, SHA-256 \(document.sha256)); no file was given to compare")
        }
    }

    /// What people read must say what the evidence says.
    mutating func checkPages() {
        report.check("page", ReceiptContainer.pagePath, "it is the page that follows from the evidence") { [container] in
            let page = try ReceiptPage(
                leaf: container.leaf, seal: container.seal, lists: container.lists, proof: container.proof,
                token: container.token)
            guard Array(page.html.utf8) == container.page else {
                throw EvidenceError("it does not say what the evidence says, or another version of Sceau wrote it: believe this report, not the page")
            }
        }
        report.check("page", ReceiptContainer.guidePath, "it is the guide that every receipt bears") { [container] in
            guard container.guide == Array(ReceiptGuide.text.utf8) else {
                throw EvidenceError("it is not the guide that every receipt bears: its commands are somebody's")
            }
        }
    }
}
