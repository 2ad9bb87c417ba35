// `mogirictl restore`: a backup takes the place of an empty system, or of what it is told to replace.
#include "ctl/backup/restore_command.hpp"

#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <migrations.hpp>

#include "ctl/backup/backup_archive.hpp"
#include "ctl/backup/program.hpp"
#include "ctl/backup/restored_cache.hpp"
#include "ctl/exit_status.hpp"
#include "ctl/file_in_making.hpp"
#include "ctl/publication.hpp"
#include "ctl/system/ledger_command.hpp"
#include "ledger/locks.hpp"
#include "ledger/schema.hpp"
#include "people/accounts.hpp"

namespace mogiri::daemon {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& why) {
    throw CommandFailure(ExitStatus::wrong, why + "; nothing was changed");
}

// What is in the ledger that would be overwritten: "2 rows of event, 20 of ticket"; empty: nothing.
std::string contents(Database& database) {
    // Of another role's sessions nobody sees the name, but everybody the locks.
    if (!database
             .query(
                 "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE "
                 "'mogirid%' UNION ALL SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint "
                 "= $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                 {locks::daemon_name})
             .empty())
        refuse("mogirid works with this ledger: stop it first (systemctl stop mogirid)");
    if (database.query("SELECT current_schema() IS NOT DISTINCT FROM 'public'")[0].text(0) != "t")
        refuse("the ledger's schema must be \"public\"");
    if (schema_version(database) > migrations().back().number)
        refuse("the ledger that is there is of a newer mogiri");
    const Result tables =
        database.query("SELECT relname, quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND "
                       "relnamespace = 'public'::regnamespace AND relname <> 'schema_version' ORDER BY 1");
    if (!tables.empty() && schema_version(database) == 0)
        refuse("the database has tables that are not mogiri's, such as \"" + tables[0].string(0) +
               "\": give mogiri a database of its own");
    std::string found;
    for (Row table : tables) {
        const Result rows = database.query(("SELECT count(*) FROM public." + table.string(1)).c_str());
        if (rows[0].number(0) > 0)
            found += (found.empty() ? "" : ", ") + rows[0].string(0) + " rows of " + table.string(0);
    }
    return found;
}

// In the transaction that restores, before it: what stands in its place goes.
constexpr const char* make_room = R"sql(
SET client_min_messages = warning;
DO $$
DECLARE
    one record;
    routine text;
BEGIN
    FOR one IN SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace
               AND relkind IN ('r', 'v') ORDER BY relkind DESC LOOP
        EXECUTE format('DROP %s IF EXISTS public.%I CASCADE', CASE one.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, one.relname);
    END LOOP;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' LOOP
        EXECUTE format('DROP SEQUENCE IF EXISTS public.%I CASCADE', one.relname);
    END LOOP;
    -- All names first: one may go with another, and then has none.
    FOREACH routine IN ARRAY (SELECT coalesce(array_agg(oid::regprocedure::text), '{}') FROM pg_proc
               WHERE pronamespace = 'public'::regnamespace
               AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')) LOOP
        EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', routine);
    END LOOP;
END $$;
)sql";

// And after it: every row is there; what was issued since the backup and is lost is not issued again to
// others; Redis is built anew, above every epoch that it or nginx may remember.
std::string settle(const json_t* manifest, std::uint64_t epoch) {
    std::string sql = "\nDO $$\nDECLARE\n    found bigint;\nBEGIN\n";
    const char* table = nullptr;
    json_t* rows = nullptr;
    json_object_foreach(json_object_get(manifest, "tables"), table, rows) {
        std::string name;
        for (const char* letter = table; *letter; ++letter)
            name += std::isalnum(static_cast<unsigned char>(*letter)) || *letter == '_' ? *letter : '?';
        const std::string count = std::to_string(json_integer_value(rows));
        sql += "    SELECT count(*) INTO found FROM public." + name + ";\n    IF found <> " + count +
               " THEN RAISE EXCEPTION 'table " + name + ": % rows came instead of " + count +
               "', found; END IF;\n";
    }
    return sql +
           "END $$;\n"
           "SELECT setval('public.ticket_serial', last_value + 1000000) FROM public.ticket_serial;\n"
           "SELECT setval(pg_get_serial_sequence('public.account_link', 'number'), "
           "(SELECT coalesce(max(number), 0) + 1000000 FROM public.account_link));\n"
           "UPDATE public.cache_state SET epoch = greatest(epoch, " +
           std::to_string(epoch) + ") + 1000, batch = 0, rebuild_reason = 'it was restored from a backup';\n";
}

void restore_ledger(const Configuration& configuration, const fs::path& folder, const json_t* manifest,
                    std::uint64_t epoch) {
    const std::string dump = (folder / "ledger.sql").string(), before = (folder / "before.sql").string(),
                      after = (folder / "after.sql").string();
    run_program(
        {"pg_restore", "--no-owner", "--no-privileges", "--file=" + dump, (folder / ledger_dump).string()});
    std::ofstream(before) << make_room;
    std::ofstream(after) << settle(manifest, epoch);
    try {
        run_program({"psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
                     "--file=" + before, "--file=" + dump, "--file=" + after},
                    libpq_environment(configuration.database));
    } catch (const CommandFailure& failure) {
        refuse(failure.what());
    }
}

// Those that are here stay as they are.
void restore_layouts(const fs::path& from, const fs::path& to) {
    if (!fs::is_directory(from))
        return;
    for (const fs::directory_entry& layout : fs::directory_iterator(from)) {
        const fs::path place = to / layout.path().filename();
        if (fs::exists(place))
            continue;
        std::error_code failed;
        fs::copy(layout.path(), place, fs::copy_options::recursive, failed);
        std::cout << "layout " << place.string()
                  << (failed ? ": is missing here and cannot be written: " + failed.message() : ": written")
                  << '\n';
    }
}

// The ids of keys whose tickets nobody here can read.
std::string foreign_keys(const Configuration& configuration, const json_t* manifest) {
    std::map<int, std::string> known;
    try {
        known = marks_of_keys(configuration.keys);
    } catch (const std::invalid_argument&) {
    }
    std::string ids;
    std::size_t index = 0;
    const json_t* key = nullptr;
    json_array_foreach(json_object_get(manifest, "keys"), index, key) {
        const int id = static_cast<int>(json_integer_value(json_object_get(key, "id")));
        if (known[id] != text_of(json_object_get(key, "mark")))
            ids += (ids.empty() ? "" : ", ") + std::to_string(id);
    }
    return ids;
}

void restore_keys(const Configuration& configuration, const RestoreWish& wish, const fs::path& folder) {
    const fs::path kept = folder / backup_keys;
    if (!fs::exists(kept))
        refuse(wish.file + ": has no master keys in it (mogirictl backup --with-keys)");
    if (fs::exists(configuration.keys) && !wish.replace)
        refuse(configuration.keys.string() + " is there already (--replace overwrites it)");
}

void write_keys(const Configuration& configuration, const fs::path& folder) {
    std::ifstream stream(folder / backup_keys);
    FileInMaking file(configuration.keys.string());
    file.write(std::string(std::istreambuf_iterator<char>(stream), {}));
    file.finish();
    std::cout << configuration.keys.string() << ": written\n";
}

void tell_what_follows(Database& database, const Configuration& configuration, const json_t* manifest,
                       const CacheContents& cache) {
    if (const std::string ids = foreign_keys(configuration, manifest); !ids.empty())
        std::cout << "Key " << ids << " in " << configuration.keys.string()
                  << " is not the one of this backup: its tickets are not let in until that file is back.\n";
    const Result mails = database.query(
        "SELECT count(*) FROM mail_outbox WHERE state NOT IN ('sent', 'failed', 'suppressed')");
    if (mails[0].number(0) > 0)
        std::cout << mails[0].string(0)
                  << " mails were due when the backup was made and will be sent when mogirid starts, also "
                     "those that "
                     "were sent since.\n";
    if (cache.jobs > 0)
        std::cout << cache.jobs
                  << " applications in Redis are not decided yet: mogirid decides them when it starts.\n";
    if (cache.scans > 0)
        std::cout << cache.scans
                  << " entries of the scan log in Redis come into the ledger when mogirid starts.\n";
    std::cout << "Start mogirid: it builds Redis from the ledger and opens the door.\n";
}

} // namespace

void restore(const Configuration& given, const RestoreWish& wish) {
    Configuration configuration = given;
    if (!wish.database.empty())
        configuration.database = wish.database;
    FileInMaking::heed_signals();
    const Staging staging(fs::temp_directory_path());
    const Json manifest = unpack(wish.file, staging.folder(), migrations().back().number);
    if (wish.with_keys)
        restore_keys(configuration, wish, staging.folder());
    Redis redis(configuration.redis);
    const CacheContents cache = look_into(redis);
    {
        Database database(configuration.database, "mogirictl");
        database.set_statement_timeout(std::chrono::minutes(10));
        std::string lost = contents(database);
        if (cache.keys > 0)
            lost += (lost.empty() ? "" : ", ") + std::to_string(cache.keys) + " keys in Redis";
        if (!lost.empty() && !wish.replace)
            refuse("this system is not empty: " + lost + " would be overwritten (--replace does it)");
        if (!lost.empty())
            std::cout << "replacing " << lost << '\n';
    }
    restore_ledger(configuration, staging.folder(), manifest.get(), cache.epoch);
    std::cout << "the ledger of " << text_of(json_object_get(manifest.get(), "made_at")) << " is back\n";
    clear(redis);
    if (wish.with_keys)
        write_keys(configuration, staging.folder());
    restore_layouts(staging.folder() / "layouts", configuration.templates / "tickets");
    migrate_ledger(configuration, {"", wish.daemon, wish.reader});
    Database database = open_ledger(configuration);
    note_deed(database, "restore of " + std::string(text_of(json_object_get(manifest.get(), "made_at"))));
    tell_what_follows(database, configuration, manifest.get(), cache);
}

} // namespace mogiri::daemon
