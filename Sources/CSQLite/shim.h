// Macros and variadics as inline functions. Only the target SQLite imports this.
#ifndef SCEAU_CSQLITE_SHIM_H
#define SCEAU_CSQLITE_SHIM_H
// The session extension: declared only where these are set, and compiled into the library of Debian and its kin.
#define SQLITE_ENABLE_SESSION 1
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include <sqlite3.h>
#if SQLITE_VERSION_NUMBER < 3037000
#error "Sceau needs SQLite 3.37 or later (STRICT tables)"
#endif

// SQLITE_TRANSIENT is a cast that Swift does not import: SQLite copies what is bound before these return.
static inline int sceau_bind_text(sqlite3_stmt *statement, int index, const char *text, sqlite3_uint64 length) {
    return sqlite3_bind_text64(statement, index, text, length, SQLITE_TRANSIENT, SQLITE_UTF8);
}
static inline int sceau_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 length) {
    return sqlite3_bind_blob64(statement, index, bytes, length, SQLITE_TRANSIENT);
}

// What was recorded of one database, done again in another: where a row is not as it was, none of it.
static inline int sceau_never(void *context, int conflict, sqlite3_changeset_iter *change) {
    return SQLITE_CHANGESET_ABORT;
}
static inline int sceau_apply(sqlite3 *connection, int length, void *changes) {
    return sqlite3changeset_apply(connection, length, changes, 0, sceau_never, 0);
}

// sqlite3_file_control takes its value by address.
static inline int sceau_grow_by(sqlite3 *connection, int bytes) {
    return sqlite3_file_control(connection, "main", SQLITE_FCNTL_CHUNK_SIZE, &bytes);
}

// sqlite3_db_config is variadic.
static inline int sceau_db_config(sqlite3 *connection, int operation, int value) {
    return sqlite3_db_config(connection, operation, value, (int *)0);
}
#endif
