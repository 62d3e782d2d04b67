/// `VERIFIER.txt`: how to check a receipt with the tools of any Unix, in French and English. The same text in every receipt.
///
/// The indented lines are commands; a test runs them word for word.
enum ReceiptGuide {
    static let text = #"""
        VÉRIFIER CE RÉCÉPISSÉ SANS SCEAU                         CHECKING THIS RECEIPT WITHOUT SCEAU

        Il faut unzip, openssl (3.0 ou plus), et un shell. Dans un même dossier :
          receipt.asice   ce récépissé
          log.vkey        la clé publique du journal : une ligne, publiée par la plateforme
          tsa.pem         les certificats de l'autorité d'horodatage
          documents/      les documents déposés
        Chaque étape dit OK ; une étape qui ne le dit pas n'est pas vérifiée.

        unzip, openssl (3.0 or later) and a shell are needed. In one folder: this receipt, the public key of the log (one line, published
        by the platform), the certificates of the timestamp authority, and the documents deposited. Each step says OK; one
        that does not is not verified.

            mkdir receipt && cd receipt && unzip -q ../receipt.asice

        1. Les documents sont ceux de la liste.                  The documents are those of the list.

            grep -oh '"sha256":"[0-9a-f]*"' manifest-*.json | cut -d'"' -f4 >listed
            for f in ../documents/*; do sha256sum <"$f" | cut -c1-64 | grep -qxFf listed && echo "OK $f"; done

        2. La liste est celle du sceau ; le sceau est celui de l'événement enregistré.
           The list is the seal's; the seal is that of the event recorded.

            for f in manifest-*.json; do grep -q "\"contents\":\"$(sha256sum <$f | cut -c1-64)\"" seal.json && echo "OK $f"; done
            grep -q "\"seal\":\"$(sha256sum <seal.json | cut -c1-64)\"" leaf.json && echo 'OK seal.json'

        3. L'horodatage (RFC 3161) porte sur l'événement, le sceau et la liste. Sans META-INF/timestamp001.tst le récépissé est
           provisoire, et cette étape ne peut pas réussir.
           The timestamp (RFC 3161) is over event, seal and list. Without META-INF/timestamp001.tst the receipt is provisional,
           and this step cannot succeed.

            for f in leaf.json seal.json manifest-*.json; do grep -qF "$(openssl dgst -sha256 -binary $f | openssl base64)" META-INF/ASiCManifest001.xml && echo "OK $f stamped"; done
            openssl ts -verify -data META-INF/ASiCManifest001.xml -in META-INF/timestamp001.tst -token_in -CAfile ../tsa.pem 2>/dev/null | grep -q 'Verification: OK' && echo 'OK timestamp'
            openssl ts -reply -in META-INF/timestamp001.tst -token_in -text | grep 'Time stamp:'

        4. L'événement est dans le journal (RFC 6962 ; RFC 9162, 2.1.3.2) : de la feuille à la racine.
           The event is in the log (RFC 6962; RFC 9162, 2.1.3.2): from the leaf to the root.

            sed '1,/^$/d' receipt.tlog-proof >checkpoint
            sed '/^$/,$d' checkpoint >text
            node() { { printf '\001'; echo "$1" | openssl base64 -d; echo "$2" | openssl base64 -d; } | openssl dgst -sha256 -binary | openssl base64; }
            hash=$({ printf '\000'; cat leaf.json; } | openssl dgst -sha256 -binary | openssl base64)
            at=$(sed -n 's/^index //p' receipt.tlog-proof)
            last=$(($(sed -n 2p text) - 1))
            for sibling in $(sed '1,/^index /d; /^$/,$d' receipt.tlog-proof); do
                if [ $((at % 2)) = 1 ] || [ $at = $last ]; then
                    hash=$(node $sibling $hash)
                    while [ $at != 0 ] && [ $((at % 2)) = 0 ]; do at=$((at / 2)) last=$((last / 2)); done
                else
                    hash=$(node $hash $sibling)
                fi
                at=$((at / 2)) last=$((last / 2))
            done
            [ $last = 0 ] && [ "$hash" = "$(sed -n 3p text)" ] && echo 'OK leaf.json in the log'

        5. Le journal est celui de cette instance, et sa clé a signé cette racine.
           The log is that of this instance, and its key signed this root.

            origin=$(cut -d+ -f1 ../log.vkey)
            [ "$(sed -n 1p text)" = "$origin" ] && grep -q "\"instance\":\"$(echo $origin | cut -d/ -f2)\"" leaf.json && echo 'OK instance'
            { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cut -d+ -f3- ../log.vkey | openssl base64 -d | tail -c 32; } >key.der
            grep -F -- "— $origin " checkpoint | head -n 1 | sed 's/.* //' | openssl base64 -d -A | tail -c 64 >signature
            openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in text -sigfile signature >/dev/null && echo 'OK checkpoint'

        Ce que cela ne prouve pas : l'instant « reçu » est celui de l'horloge de la plateforme ; le jeton prouve que le dépôt existait
        au plus tard à son instant. receipt.html ne prouve rien par elle-même.
        What this does not prove: the instant of reception is by the platform's clock; the token proves that the deposit existed by its
        own instant at the latest. receipt.html proves nothing by itself.

        """#
}
