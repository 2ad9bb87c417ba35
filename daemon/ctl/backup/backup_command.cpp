// `mogirictl backup`: everything that is needed to begin again, in one file.
#include "ctl/backup/backup_command.hpp"

#include <filesystem>
#include <iostream>

#include <redis_keys.hpp>

#include "ctl/backup/backup_archive.hpp"
#include "ctl/backup/program.hpp"
#include "ctl/exit_status.hpp"
#include "ctl/file_in_making.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "ledger/schema.hpp"
#include "people/accounts.hpp"

namespace mogiri::daemon {

namespace {

namespace fs = std::filesystem;

// All at one moment, which `snapshot` names to pg_dump.
Json describe(Database& database, std::string& snapshot) {
    database.set_statement_timeout(std::chrono::minutes(10));
    database.query("SELECT set_config('idle_in_transaction_session_timeout', '0', false)");
    database.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const Result about = database.query("SELECT pg_export_snapshot(), iso(now()), "
                                        "current_setting('server_version'), current_schema()");
    snapshot = about[0].string(0);
    if (about[0].text(3) != "public")
        throw CommandFailure(ExitStatus::wrong, "the ledger is in the schema \"" + about[0].string(3) +
                                                    "\"; only one in \"public\" can be backed up");
    Json manifest(json_object());
    json_object_set_new(manifest.get(), "mogiri_backup", json_integer(backup_format));
    json_object_set_new(manifest.get(), "made_at", json_of(about[0].text(1)));
    json_object_set_new(manifest.get(), "mogiri", json_string(MOGIRI_VERSION));
    json_object_set_new(manifest.get(), "migration", json_integer(schema_version(database)));
    json_object_set_new(manifest.get(), "postgresql", json_of(about[0].text(2)));
    json_t* tables = json_object();
    json_object_set_new(manifest.get(), "tables", tables);
    for (Row table : database.query("SELECT relname, quote_ident(relname) FROM pg_class WHERE relkind = 'r' "
                                    "AND relnamespace = 'public'::regnamespace ORDER BY 1")) {
        const Result rows = database.query(("SELECT count(*) FROM public." + table.string(1)).c_str());
        json_object_set_new(tables, table.string(0).c_str(), json_integer(rows[0].number(0)));
    }
    return manifest;
}

// The layouts that events name; one that is not there is missing to the events already.
void copy_layouts(Database& database, const fs::path& layouts, const fs::path& to) {
    for (Row row : database.query("SELECT DISTINCT kind ->> 'layout' FROM event, "
                                  "jsonb_array_elements(definition -> 'kind') AS kinds (kind)")) {
        const fs::path layout = layouts / row.string(0);
        if (row.string(0).empty() || !fs::is_directory(layout))
            continue;
        fs::create_directories(to / row.string(0));
        fs::copy(layout, to / row.string(0), fs::copy_options::recursive);
    }
}

void note_keys(const Configuration& configuration, json_t* manifest) {
    json_t* keys = json_array();
    json_object_set_new(manifest, "keys", keys);
    try {
        for (const auto& [id, mark] : marks_of_keys(configuration.keys)) {
            json_t* key = json_object();
            json_object_set_new(key, "id", json_integer(id));
            json_object_set_new(key, "mark", json_of(mark));
            json_array_append_new(keys, key);
        }
    } catch (const std::invalid_argument& unreadable) {
        std::cerr << "mogirictl: " << unreadable.what()
                  << "; the backup cannot tell which keys belong to it\n";
    }
}

// Of Redis nothing is needed but what it has not handed over yet. -1: nobody knows.
std::int64_t undecided(const Configuration& configuration, Database& database) {
    try {
        Redis redis(configuration.redis);
        std::int64_t jobs = 0;
        for (Row row : database.query("SELECT number FROM event"))
            jobs += redis.command({"XLEN", redis_keys::jobs(static_cast<std::uint32_t>(row.number(0)))})
                        .integer();
        return jobs;
    } catch (const LostRedis&) {
        return -1;
    }
}

} // namespace

void back_up(const Configuration& given, const BackupWish& wish) {
    Configuration configuration = given;
    if (!wish.database.empty())
        configuration.database = wish.database;
    Database database = open_ledger(configuration);
    note_deed(database, "backup");
    FileInMaking file(wish.file);
    const fs::path beside = fs::path(wish.file).parent_path();
    const Staging staging(beside.empty() ? "." : beside);
    std::string snapshot;
    const Json manifest = describe(database, snapshot);
    run_program({"pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--snapshot=" + snapshot,
                 "--file=" + (staging.folder() / ledger_dump).string()},
                libpq_environment(configuration.database));
    copy_layouts(database, configuration.templates / "tickets", staging.folder() / "layouts");
    note_keys(configuration, manifest.get());
    if (wish.with_keys)
        fs::copy_file(configuration.keys, staging.folder() / backup_keys);
    pack(staging.folder(), manifest.get(), file.beside());
    file.finish();

    std::int64_t rows = 0;
    const char* name = nullptr;
    json_t* count = nullptr;
    json_object_foreach(json_object_get(manifest.get(), "tables"), name, count) rows +=
        json_integer_value(count);
    const std::int64_t jobs = undecided(configuration, database);
    const auto size = static_cast<json_int_t>(fs::file_size(wish.file));
    if (wish.json) {
        const Json told(json_object());
        json_object_set_new(told.get(), "file", json_of(wish.file));
        json_object_set_new(told.get(), "bytes", json_integer(size));
        json_object_set_new(told.get(), "rows", json_integer(rows));
        json_object_set_new(told.get(), "keys", json_boolean(wish.with_keys));
        json_object_set_new(told.get(), "undecided", jobs < 0 ? json_null() : json_integer(jobs));
        return print(told);
    }
    std::cout << wish.file << ": " << rows << " rows, " << size << " bytes\n";
    if (wish.with_keys)
        std::cout << "The master keys are in it: who has this file can make tickets.\n";
    else
        std::cout << "The master keys are not in it: without a copy of " << configuration.keys.string()
                  << " no ticket of it can be read (--with-keys).\n";
    if (jobs != 0)
        std::cout << (jobs < 0 ? "Redis does not answer: nobody knows how many" : std::to_string(jobs))
                  << " applications in Redis are not decided yet and therefore not in it.\n";
}

} // namespace mogiri::daemon
