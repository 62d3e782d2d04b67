internal import SQLite

/// The views: tables folded from the events, for the rules and the API to read. They hold nothing of their own and
/// nothing about a person; they can be dropped and made again.
enum ViewSchema {
    /// Of these tables and of how events are folded into them. A register whose views are of another version gets new
    /// ones at the start.
    static let version: Int64 = 15

    static func create(_ connection: Connection) throws {
        try connection.execute(
            """
            CREATE TABLE account(
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT NOT NULL,
                registration_scheme TEXT, registration_number TEXT
            ) STRICT;
            CREATE INDEX account_name ON account(name);
            CREATE TABLE user(
                id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), roles TEXT NOT NULL,
                person BLOB NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE token(
                digest BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES user(id), at INTEGER NOT NULL, ended INTEGER
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE host_key(
                sequence INTEGER PRIMARY KEY, kind TEXT NOT NULL, certificate BLOB NOT NULL, at INTEGER NOT NULL, not_after INTEGER NOT NULL,
                retired INTEGER
            ) STRICT;
            CREATE TABLE recovery_rehearsal(
                sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, certificate BLOB NOT NULL, secrets INTEGER NOT NULL
            ) STRICT;

            CREATE TABLE consultation(
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE, log TEXT NOT NULL, account TEXT NOT NULL REFERENCES account(id),
                buyer TEXT NOT NULL, reference TEXT NOT NULL, title TEXT NOT NULL, object TEXT, time_zone TEXT NOT NULL, parts TEXT NOT NULL,
                limit_document INTEGER NOT NULL, limit_bid INTEGER NOT NULL, limit_documents INTEGER NOT NULL,
                deadline INTEGER NOT NULL, deadline_version INTEGER NOT NULL,
                keys BLOB, pending BLOB, proposed BLOB, added INTEGER, published INTEGER NOT NULL, closed BLOB, closing INTEGER, held INTEGER NOT NULL, disclosed INTEGER NOT NULL,
                archived INTEGER NOT NULL,
                frozen INTEGER NOT NULL DEFAULT 0
            ) STRICT;
            CREATE INDEX consultation_open ON consultation(number) WHERE published AND closed IS NULL AND NOT archived;
            CREATE TABLE deadline(
                consultation TEXT NOT NULL REFERENCES consultation(id), version INTEGER NOT NULL, instant INTEGER NOT NULL,
                PRIMARY KEY(consultation, version)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE earlier_keys(
                consultation TEXT NOT NULL REFERENCES consultation(id), ordinal INTEGER NOT NULL, keys BLOB NOT NULL, pending BLOB,
                PRIMARY KEY(consultation, ordinal)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE key_set(
                consultation TEXT NOT NULL REFERENCES consultation(id), fingerprint BLOB NOT NULL,
                original BLOB NOT NULL, opening TEXT, k INTEGER NOT NULL, n INTEGER NOT NULL, not_before INTEGER NOT NULL,
                PRIMARY KEY(consultation, fingerprint)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE key_part(
                consultation TEXT NOT NULL, fingerprint BLOB NOT NULL, ordinal INTEGER NOT NULL,
                part TEXT NOT NULL, certificate BLOB NOT NULL, capsule BLOB NOT NULL, secret BLOB NOT NULL,
                PRIMARY KEY(consultation, fingerprint, ordinal),
                FOREIGN KEY(consultation, fingerprint) REFERENCES key_set(consultation, fingerprint)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX key_part_secret ON key_part(secret);
            CREATE TABLE restored(
                sequence INTEGER PRIMARY KEY, consultation TEXT NOT NULL REFERENCES consultation(id), part TEXT NOT NULL,
                secret BLOB NOT NULL, certificate BLOB NOT NULL, sealed BLOB NOT NULL
            ) STRICT;
            CREATE INDEX restored_secret ON restored(secret, sequence);
            CREATE TABLE acceptance(
                consultation TEXT NOT NULL, fingerprint BLOB NOT NULL, member INTEGER NOT NULL,
                acceptance BLOB NOT NULL,
                PRIMARY KEY(consultation, fingerprint, member),
                FOREIGN KEY(consultation, fingerprint) REFERENCES key_set(consultation, fingerprint)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE rehearsal(
                consultation TEXT NOT NULL, fingerprint BLOB NOT NULL, member INTEGER NOT NULL,
                since INTEGER NOT NULL, rehearsed INTEGER, reminded INTEGER,
                PRIMARY KEY(consultation, fingerprint, member),
                FOREIGN KEY(consultation, fingerprint, member) REFERENCES acceptance(consultation, fingerprint, member)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE committee(
                sequence INTEGER PRIMARY KEY, account TEXT NOT NULL REFERENCES account(id), name TEXT NOT NULL,
                committee BLOB NOT NULL, at INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX committee_name ON committee(account, name, sequence);

            CREATE TABLE bid(
                id TEXT PRIMARY KEY, number INTEGER NOT NULL,
                consultation TEXT NOT NULL REFERENCES consultation(id), position INTEGER NOT NULL,
                leaf BLOB NOT NULL, depositor TEXT NOT NULL REFERENCES account(id), verdict TEXT NOT NULL,
                intent TEXT NOT NULL, given INTEGER, line INTEGER, judged BLOB,
                seal BLOB NOT NULL, keys BLOB NOT NULL, documents INTEGER NOT NULL, outcome_key BLOB, outcome_answer BLOB, withdrawn INTEGER, stated INTEGER,
                admission INTEGER, admitted INTEGER
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX bid_pending ON bid(number) WHERE verdict = 'pending';
            CREATE INDEX bid_consultation ON bid(consultation, position);
            CREATE INDEX bid_depositor ON bid(consultation, depositor, position);
            CREATE UNIQUE INDEX bid_outcome ON bid(depositor, consultation, outcome_key) WHERE outcome_key IS NOT NULL;

            CREATE TABLE draft(
                id TEXT PRIMARY KEY, number INTEGER NOT NULL, consultation TEXT NOT NULL REFERENCES consultation(id),
                depositor TEXT NOT NULL REFERENCES account(id), user TEXT NOT NULL, code BLOB NOT NULL, keys BLOB NOT NULL,
                started INTEGER NOT NULL, awaited INTEGER, intent TEXT NOT NULL, sealed_by TEXT NOT NULL,
                state TEXT NOT NULL
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX draft_open ON draft(consultation, depositor) WHERE state = 'open';

            CREATE TABLE outbox(
                sequence INTEGER PRIMARY KEY, account TEXT NOT NULL, consultation TEXT NOT NULL REFERENCES consultation(id),
                bid TEXT NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX outbox_account ON outbox(account, sequence);
            CREATE INDEX outbox_bid ON outbox(bid, kind);

            CREATE TABLE safeguard(
                copy TEXT PRIMARY KEY, sequence INTEGER NOT NULL, consultation TEXT NOT NULL REFERENCES consultation(id), decision TEXT
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX safeguard_consultation ON safeguard(consultation, sequence);

            CREATE TABLE receipt(
                bid TEXT PRIMARY KEY REFERENCES bid(id), manifests BLOB NOT NULL, token_manifests BLOB
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE tally(
                consultation TEXT NOT NULL REFERENCES consultation(id), depositor TEXT NOT NULL, bids INTEGER NOT NULL,
                PRIMARY KEY(consultation, depositor)
            ) STRICT, WITHOUT ROWID;

            CREATE TABLE stamp(
                kind TEXT NOT NULL, id TEXT NOT NULL, consultation TEXT NOT NULL REFERENCES consultation(id),
                log TEXT NOT NULL, position INTEGER NOT NULL, sequence INTEGER NOT NULL,
                subject BLOB, token BLOB, authority TEXT, instant INTEGER,
                PRIMARY KEY(kind, id)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX stamp_lacking ON stamp(sequence) WHERE token IS NULL;

            CREATE TABLE opening(
                number INTEGER PRIMARY KEY,
                id TEXT NOT NULL UNIQUE, consultation TEXT NOT NULL REFERENCES consultation(id),
                digest BLOB NOT NULL, announcement BLOB NOT NULL, announcer INTEGER NOT NULL,
                announced_by TEXT NOT NULL, announced_at INTEGER NOT NULL, session BLOB NOT NULL, parts TEXT NOT NULL,
                keys BLOB NOT NULL, committee BLOB,
                released INTEGER NOT NULL, concluded INTEGER NOT NULL, voided INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX opening_consultation ON opening(consultation, number);
            CREATE TABLE approval(
                number INTEGER PRIMARY KEY,
                opening TEXT NOT NULL REFERENCES opening(id), member INTEGER NOT NULL, approval BLOB NOT NULL,
                UNIQUE(opening, member)
            ) STRICT;
            CREATE TABLE approval_share(
                opening TEXT NOT NULL, member INTEGER NOT NULL, ordinal INTEGER NOT NULL,
                part TEXT NOT NULL, share BLOB NOT NULL,
                PRIMARY KEY(opening, member, ordinal),
                FOREIGN KEY(opening, member) REFERENCES approval(opening, member)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE reading(
                opening TEXT NOT NULL REFERENCES opening(id), bid TEXT NOT NULL REFERENCES bid(id),
                PRIMARY KEY(opening, bid)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE finding(
                opening TEXT NOT NULL REFERENCES opening(id), bid TEXT NOT NULL REFERENCES bid(id), opened INTEGER NOT NULL,
                PRIMARY KEY(opening, bid)
            ) STRICT, WITHOUT ROWID;
            CREATE INDEX finding_failed ON finding(opening, bid) WHERE NOT opened;

            CREATE TABLE attempt(
                sequence INTEGER PRIMARY KEY, attempt TEXT NOT NULL, account TEXT NOT NULL
            ) STRICT;
            CREATE INDEX attempt_number ON attempt(attempt);
            CREATE INDEX attempt_account ON attempt(account, sequence);
            CREATE TABLE attested(statement BLOB PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;

            CREATE TABLE presented(
                sequence INTEGER PRIMARY KEY, leaf BLOB NOT NULL UNIQUE, consultation TEXT NOT NULL, bid TEXT NOT NULL,
                deadline INTEGER NOT NULL
            ) STRICT;
            CREATE INDEX presented_consultation ON presented(consultation, sequence);

            CREATE TABLE clock(
                sequence INTEGER PRIMARY KEY, type TEXT NOT NULL, at INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER
            ) STRICT;
            CREATE TABLE journal(
                sequence INTEGER PRIMARY KEY, log TEXT NOT NULL, position INTEGER NOT NULL, type TEXT NOT NULL,
                at INTEGER NOT NULL, consultation TEXT
            ) STRICT;
            CREATE INDEX journal_health ON journal(at) WHERE type = 'health';
            CREATE INDEX journal_consultation ON journal(consultation, type) WHERE consultation IS NOT NULL;
            """)
    }

    static func drop(_ connection: Connection) throws {
        try connection.execute(
            """
            DROP TABLE IF EXISTS host_key; DROP TABLE IF EXISTS recovery_rehearsal; DROP TABLE IF EXISTS restored;
            DROP TABLE IF EXISTS presented; DROP TABLE IF EXISTS journal; DROP TABLE IF EXISTS clock; DROP TABLE IF EXISTS attested; DROP TABLE IF EXISTS attempt;
            DROP TABLE IF EXISTS reading; DROP TABLE IF EXISTS finding;
            DROP TABLE IF EXISTS approval_share; DROP TABLE IF EXISTS approval; DROP TABLE IF EXISTS opening;
            DROP TABLE IF EXISTS stamp; DROP TABLE IF EXISTS tally; DROP TABLE IF EXISTS receipt; DROP TABLE IF EXISTS draft; DROP TABLE IF EXISTS outbox; DROP TABLE IF EXISTS safeguard; DROP TABLE IF EXISTS bid;
            DROP TABLE IF EXISTS rehearsal; DROP TABLE IF EXISTS committee;
            DROP TABLE IF EXISTS acceptance; DROP TABLE IF EXISTS key_part;
            DROP TABLE IF EXISTS key_set; DROP TABLE IF EXISTS earlier_keys; DROP TABLE IF EXISTS deadline; DROP TABLE IF EXISTS consultation;
            DROP TABLE IF EXISTS token; DROP TABLE IF EXISTS user; DROP TABLE IF EXISTS account;
            """)
    }

    /// Every view, whole and in an order that depends on its content only.
    static let tables: [(name: String, rows: StaticString)] = [
        ("account", "SELECT * FROM account ORDER BY number"),
        ("user", "SELECT * FROM user ORDER BY id"),
        ("token", "SELECT * FROM token ORDER BY digest"),
        ("host_key", "SELECT * FROM host_key ORDER BY sequence"),
        ("recovery_rehearsal", "SELECT * FROM recovery_rehearsal ORDER BY sequence"),
        ("consultation", "SELECT * FROM consultation ORDER BY number"),
        ("deadline", "SELECT * FROM deadline ORDER BY consultation, version"),
        ("earlier_keys", "SELECT * FROM earlier_keys ORDER BY consultation, ordinal"),
        ("key_set", "SELECT * FROM key_set ORDER BY consultation, fingerprint"),
        ("key_part", "SELECT * FROM key_part ORDER BY consultation, fingerprint, ordinal"),
        ("restored", "SELECT * FROM restored ORDER BY sequence"),
        ("acceptance", "SELECT * FROM acceptance ORDER BY consultation, fingerprint, member"),
        ("rehearsal", "SELECT * FROM rehearsal ORDER BY consultation, fingerprint, member"),
        ("committee", "SELECT * FROM committee ORDER BY sequence"),
        ("bid", "SELECT * FROM bid ORDER BY id"),
        ("draft", "SELECT * FROM draft ORDER BY id"),
        ("outbox", "SELECT * FROM outbox ORDER BY sequence"),
        ("safeguard", "SELECT * FROM safeguard ORDER BY copy"),
        ("receipt", "SELECT * FROM receipt ORDER BY bid"),
        ("tally", "SELECT * FROM tally ORDER BY consultation, depositor"),
        ("stamp", "SELECT * FROM stamp ORDER BY kind, id"),
        ("opening", "SELECT * FROM opening ORDER BY number"),
        ("approval", "SELECT * FROM approval ORDER BY number"),
        ("approval_share", "SELECT * FROM approval_share ORDER BY opening, member, ordinal"),
        ("reading", "SELECT * FROM reading ORDER BY opening, bid"),
        ("finding", "SELECT * FROM finding ORDER BY opening, bid"),
        ("clock", "SELECT * FROM clock ORDER BY sequence"),
        ("attempt", "SELECT * FROM attempt ORDER BY sequence"),
        ("attested", "SELECT * FROM attested ORDER BY statement"),
        ("presented", "SELECT * FROM presented ORDER BY sequence"),
        ("journal", "SELECT * FROM journal ORDER BY sequence"),
    ]
}
