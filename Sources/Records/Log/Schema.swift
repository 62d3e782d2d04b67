internal import SQLite

/// The tables of record. Their rows are written once: views (see ``Views``) are folded from them and may be dropped.
enum Schema {
    /// Of this register's format. A newer one is refused, an older one needs `sceaud migrate`.
    static let version: Int64 = 2
    /// "Scea", so that file(1) and a reader know whose database this is.
    static let application: Int64 = 0x5363_6561

    /// Those with rows of record: what a mirror follows.
    static let tables: [StaticString] = ["event", "head", "tile", "publication", "cosignature", "object", "person", "sample"]

    static func create(_ connection: Connection) throws {
        try connection.execute(
            """
            PRAGMA application_id = 0x53636561;
            PRAGMA user_version = 2;

            CREATE TABLE event(
                sequence INTEGER PRIMARY KEY,
                log TEXT NOT NULL,
                position INTEGER NOT NULL,
                leaf BLOB NOT NULL CHECK(length(leaf) = 32),
                bytes BLOB NOT NULL,
                UNIQUE(log, position)
            ) STRICT;
            CREATE TABLE head(
                log TEXT NOT NULL,
                generation INTEGER NOT NULL,
                base INTEGER NOT NULL,
                key TEXT NOT NULL,
                count INTEGER NOT NULL,
                before INTEGER NOT NULL,
                root BLOB NOT NULL CHECK(length(root) = 32),
                note BLOB NOT NULL,
                PRIMARY KEY(log, generation)
            ) STRICT;
            CREATE TABLE tile(
                log TEXT NOT NULL,
                generation INTEGER NOT NULL,
                level INTEGER NOT NULL,
                number INTEGER NOT NULL,
                hashes BLOB NOT NULL CHECK(length(hashes) % 32 = 0 AND length(hashes) BETWEEN 32 AND 8192),
                PRIMARY KEY(log, generation, level, number)
            ) STRICT;
            CREATE TABLE publication(
                log TEXT NOT NULL,
                generation INTEGER NOT NULL,
                size INTEGER NOT NULL,
                at INTEGER NOT NULL,
                note BLOB NOT NULL,
                PRIMARY KEY(log, generation, size)
            ) STRICT;
            CREATE TABLE cosignature(
                log TEXT NOT NULL,
                generation INTEGER NOT NULL,
                size INTEGER NOT NULL,
                witness TEXT NOT NULL,
                note BLOB NOT NULL,
                PRIMARY KEY(log, generation, size, witness)
            ) STRICT;
            CREATE TABLE object(digest BLOB PRIMARY KEY CHECK(length(digest) = 32), bytes BLOB NOT NULL) STRICT;
            CREATE TABLE person(
                digest BLOB PRIMARY KEY CHECK(length(digest) = 32),
                salt BLOB NOT NULL,
                bytes BLOB NOT NULL
            ) STRICT;
            CREATE TABLE sample(
                number INTEGER PRIMARY KEY,
                at INTEGER NOT NULL,
                covered INTEGER NOT NULL,
                bytes BLOB NOT NULL
            ) STRICT;
            CREATE TABLE views(version INTEGER NOT NULL) STRICT;

            CREATE TRIGGER event_changed BEFORE UPDATE ON event
                BEGIN SELECT RAISE(ABORT, 'an event is never rewritten'); END;
            CREATE TRIGGER event_deleted BEFORE DELETE ON event
                BEGIN SELECT RAISE(ABORT, 'an event is never deleted'); END;
            CREATE TRIGGER tile_changed BEFORE UPDATE ON tile
                WHEN NEW.log <> OLD.log OR NEW.generation <> OLD.generation OR NEW.level <> OLD.level
                    OR NEW.number <> OLD.number
                    OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes
                BEGIN SELECT RAISE(ABORT, 'a tile only grows'); END;
            CREATE TRIGGER tile_deleted BEFORE DELETE ON tile
                BEGIN SELECT RAISE(ABORT, 'a tile is never deleted'); END;
            CREATE TRIGGER publication_changed BEFORE UPDATE ON publication
                BEGIN SELECT RAISE(ABORT, 'what was published is never rewritten'); END;
            CREATE TRIGGER publication_deleted BEFORE DELETE ON publication
                BEGIN SELECT RAISE(ABORT, 'what was published is never deleted'); END;
            CREATE TRIGGER object_changed BEFORE UPDATE ON object
                BEGIN SELECT RAISE(ABORT, 'an object is never rewritten'); END;
            CREATE TRIGGER object_deleted BEFORE DELETE ON object
                BEGIN SELECT RAISE(ABORT, 'an object is never deleted'); END;
            """)
    }

    /// - Throws: where the file is not a register of this version.
    static func check(_ connection: Connection) throws {
        let application = try connection.first("PRAGMA application_id") { $0.integer(0) }
        guard application == self.application else {
            throw RegisterError.unreadable("register", "not a Sceau register")
        }
        let version = try connection.first("PRAGMA user_version") { $0.integer(0) } ?? 0
        guard version <= self.version else {
            throw RegisterError.newer("register", found: version, known: self.version)
        }
        guard version == self.version else {
            throw RegisterError.older("register", found: version, known: self.version)
        }
    }
}
