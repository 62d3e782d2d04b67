// Only the target SQLite imports this.
#ifndef SCEAU_CSQLITE_SHIM_H
#define SCEAU_CSQLITE_SHIM_H
#include <sqlite3.h>
#endif
