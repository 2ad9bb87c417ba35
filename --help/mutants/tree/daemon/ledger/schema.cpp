// Brings the ledger's tables to the newest migration.
#include "schema.hpp"

#include <crash_point.hpp>
#include <migrations.hpp>

#include "locks.hpp"

namespace mogiri::daemon {

int schema_version(Database& database) {
    if (database.query("SELECT to_regclass('schema_version')")[0].is_null(0))
        return 0;
    return static_cast<int>(
        database.query("SELECT coalesce(max(number), 0) FROM schema_version")[0].number(0));
}

int migrate(Database& database) {
    using std::chrono::minutes, std::chrono::seconds;
    database.set_statement_timeout(minutes(10));
    int ran = 0;
    for (const Migration& migration : migrations()) {
        Transaction transaction(database);
        database.query("SELECT pg_advisory_xact_lock($1)", {locks::migration});
        const int version = schema_version(database);
        if (version > migrations().back().number)
            throw SchemaError("the ledger is at migration " + std::to_string(version) +
                              ", newer than this mogirid knows: install the newer mogirid");
        if (migration.number <= version)
            continue;
        try {
            if (version == 0)
                database.script(
                    "CREATE TABLE schema_version (number integer PRIMARY KEY, name text NOT NULL, "
                    "migrated_at timestamptz NOT NULL DEFAULT now())");
            database.script(migration.sql);
            database.query("INSERT INTO schema_version (number, name) VALUES ($1, $2)",
                           {migration.number, migration.name});
        } catch (const RefusedStatement& refused) {
            throw SchemaError(std::string("migration ") + migration.name + ": " + refused.what());
        }
        MOGIRI_CRASH_POINT("migration.ran");
        transaction.commit();
        MOGIRI_CRASH_POINT("migration.committed");
        ++ran;
    }
    database.set_statement_timeout(seconds(8));
    return ran;
}

} // namespace mogiri::daemon
