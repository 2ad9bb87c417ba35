// The whole ledger as a SQLite file, without what opens a door.
#include "sqlite_file.hpp"

#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "../owned.hpp"
#include "export.hpp"

namespace mogiri::daemon {

namespace {

// How a column is kept: SQLite knows no times and no truths.
enum class Kind { number, text, bytes };

struct Column {
    std::string name, select;
    Kind kind;
};

struct Table {
    std::string name;
    std::vector<Column> columns;
};

// All tables as the catalog has them, so that a new one is not forgotten. What is on its way to Redis is
// nobody's data.
std::vector<Table> tables_of(Database& database) {
    std::vector<Table> tables;
    for (Row row : database.query(
             "SELECT relname, attname, format(CASE WHEN typname = 'timestamptz' THEN 'to_char(%1$I AT TIME "
             "ZONE ''UTC'', ''YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'')' WHEN typname = 'bool' THEN "
             "'%1$I::integer' ELSE '%1$I' END, attname), CASE WHEN typname IN ('int2', 'int4', 'int8', "
             "'bool') THEN 'n' WHEN typname = 'bytea' THEN 'b' ELSE 't' END "
             "FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid JOIN pg_type ON pg_type.oid = "
             "atttypid "
             "WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT "
             "attisdropped AND attname !~ '(hash|secret|password|token)' AND relname NOT IN ('cache_outbox', "
             "'cache_state') ORDER BY relname, attnum")) {
        if (tables.empty() || tables.back().name != row.text(0))
            tables.push_back({row.string(0), {}});
        tables.back().columns.push_back({row.string(1), row.string(2),
                                         row.text(3) == "n"   ? Kind::number
                                         : row.text(3) == "b" ? Kind::bytes
                                                              : Kind::text});
    }
    return tables;
}

std::string quoted(const std::string& name) {
    return '"' + name + '"'; // of our own tables: there is no quote in them
}

// A file that is gone when this is.
class TemporaryFile {
  public:
    TemporaryFile() : path_((std::filesystem::temp_directory_path() / "mogiri-export-XXXXXX").string()) {
        const int file = mkstemp(path_.data());
        if (file < 0)
            throw std::runtime_error("no temporary file can be made in " +
                                     std::filesystem::temp_directory_path().string());
        close(file);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { unlink(path_.c_str()); }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

class SqliteFile {
  public:
    explicit SqliteFile(const std::string& path) {
        sqlite3* database = nullptr;
        const int opened = sqlite3_open(path.c_str(), &database);
        database_.reset(database);
        check(opened);
        // Nobody reads it before it is whole.
        run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
    }

    void begin_table(const Table& table) {
        std::string columns, places;
        for (const Column& column : table.columns) {
            columns += (columns.empty() ? "" : ", ") + quoted(column.name) +
                       (column.kind == Kind::number  ? " INTEGER"
                        : column.kind == Kind::bytes ? " BLOB"
                                                     : " TEXT");
            places += places.empty() ? "?" : ", ?";
        }
        run("CREATE TABLE " + quoted(table.name) + " (" + columns + ")");
        sqlite3_stmt* insert = nullptr;
        const int prepared = sqlite3_prepare_v2(
            database_.get(), ("INSERT INTO " + quoted(table.name) + " VALUES (" + places + ")").c_str(), -1,
            &insert, nullptr);
        insert_.reset(insert);
        check(prepared);
    }

    void add(const Table& table, Row row) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const int from = static_cast<int>(i), place = from + 1;
            if (row.is_null(from))
                check(sqlite3_bind_null(insert_.get(), place));
            else if (table.columns[i].kind == Kind::number)
                check(sqlite3_bind_int64(insert_.get(), place, row.number(from)));
            else if (table.columns[i].kind == Kind::bytes) {
                const std::string bytes = row.bytes(from);
                check(
                    sqlite3_bind_blob64(insert_.get(), place, bytes.data(), bytes.size(), SQLITE_TRANSIENT));
            } else {
                const std::string_view text = row.text(from); // lives until it is stepped
                check(sqlite3_bind_text64(insert_.get(), place, text.data(), text.size(), SQLITE_STATIC,
                                          SQLITE_UTF8));
            }
        }
        check(sqlite3_step(insert_.get()));
        check(sqlite3_reset(insert_.get()));
    }

    void finish() {
        insert_.reset();
        run("COMMIT");
    }

  private:
    void run(const std::string& sql) {
        check(sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr));
    }
    void check(int result) {
        if (result != SQLITE_OK && result != SQLITE_DONE && result != SQLITE_ROW)
            throw std::runtime_error(std::string("the SQLite file: ") + sqlite3_errmsg(database_.get()));
    }

    Owned<sqlite3, sqlite3_close> database_;
    Owned<sqlite3_stmt, sqlite3_finalize> insert_;
};

void send_file(const std::string& path, ExportSink& sink) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 128 * 1024> piece{};
    while (file.read(piece.data(), piece.size()), file.gcount() > 0)
        sink.write({piece.data(), static_cast<std::size_t>(file.gcount())});
}

} // namespace

std::int64_t count_all_rows(Database& database) {
    std::int64_t rows = 0;
    for (const Table& table : tables_of(database))
        rows += database.query(("SELECT count(*) FROM " + quoted(table.name)).c_str())[0].number(0);
    return rows;
}

void write_sqlite_file(Snapshot& snapshot, ExportSink& sink) {
    const TemporaryFile temporary;
    std::int64_t rows = 0;
    {
        SqliteFile file(temporary.path());
        for (const Table& table : tables_of(snapshot.database())) {
            file.begin_table(table);
            std::string columns;
            for (const Column& column : table.columns)
                columns += (columns.empty() ? "" : ", ") + column.select;
            snapshot.each(
                "SELECT " + columns + " FROM " + quoted(table.name), {}, [](const Snapshot::Names&) {},
                [&](Row row) {
                    file.add(table, row);
                    if (++rows % 500 == 0)
                        sink.progress(rows);
                });
        }
        file.finish();
    }
    sink.progress(rows);
    send_file(temporary.path(), sink);
}

} // namespace mogiri::daemon
