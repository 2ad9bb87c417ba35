// The whole ledger as a SQLite file, without what opens a door: hashes of passwords and keys.
#pragma once

#include <cstdint>

#include "snapshot.hpp"

namespace mogiri::daemon {

class ExportSink;

// Of all tables that go into the file.
std::int64_t count_all_rows(Database& database);

// Made in a temporary file of nobody else's, which is gone afterwards.
void write_sqlite_file(Snapshot& snapshot, ExportSink& sink);

} // namespace mogiri::daemon
