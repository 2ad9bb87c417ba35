// Reads the database of the system before.
#include "old_tables.hpp"

namespace mogiri::daemon {

namespace {

// The day's columns: what is left of its allowance, entries, exits, and the last time of each.
std::string columns_of_day(const std::string& day) {
    std::string columns;
    for (const char* column : {", coalesce(entry_day", ", coalesce(entry_total_day", ", coalesce(exit_day"})
        columns += column + day + (columns.empty() ? ", 1)" : ", 0)");
    for (const char* column : {"entry_time_day", "exit_time_day"})
        columns += std::string(", (extract(epoch FROM ") + column + day + "::timestamptz) * 1000)::bigint";
    return columns;
}

std::optional<std::int64_t> time_at(Row row, int column) {
    return row.is_null(column) ? std::nullopt : std::optional(row.number(column));
}

} // namespace

OldTables::OldTables(Database& database, const std::string& users, const std::string& tickets,
                     const std::string& time_zone)
    : database_(database), transaction_(database) {
    database_.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    database_.set_statement_timeout(std::chrono::minutes(2));
    // What has no zone of its own is read in this one.
    database_.query("SELECT set_config('TimeZone', $1, true)", {time_zone});
    users_ = find("users", users,
                  {"userid", "first_name", "last_name", "privilege", "grade", "class_number",
                   "student_number", "email"});
    tickets_ = find("tickets", tickets,
                    {"userid", "ticket_id", "invited_name", "ticket_hash", "created_at", "entry_day1",
                     "entry_day2", "entry_total_day1", "entry_total_day2", "exit_day1", "exit_day2",
                     "entry_time_day1", "entry_time_day2", "exit_time_day1", "exit_time_day2"});
}

std::string OldTables::find(const char* what, const std::string& name,
                            const std::vector<std::string>& columns) {
    const Result found = database_.query(
        "SELECT format('%I.%I', table_schema, table_name), table_name FROM information_schema.columns "
        "WHERE table_schema = ANY (current_schemas(false)) AND $1::text IN ('', table_name::text) "
        "GROUP BY table_schema, table_name HAVING array_agg(column_name::text) @> $2::text[] ORDER BY 1",
        {name, columns});
    const std::string option = std::string("--") + what + "-table";
    if (found.empty() && !name.empty())
        throw OldTablesError("there is no table \"" + name + "\" with the columns of the old system's " +
                             what + " (" + option + ")");
    if (found.empty())
        throw OldTablesError(std::string("no table has the columns of the old system's ") + what +
                             "; is this its database, and may this user read it?");
    if (found.rows() > 1) {
        std::string all;
        for (Row row : found)
            all += (all.empty() ? "\"" : ", \"") + row.string(1) + "\"";
        throw OldTablesError(std::string("several tables could be its ") + what + ": " + all +
                             "; choose one with " + option);
    }
    return found[0].string(0);
}

std::vector<OldUser> OldTables::users() {
    std::vector<OldUser> users;
    const std::string select = "SELECT userid, first_name, last_name, privilege, grade, class_number, "
                               "student_number, email FROM " +
                               users_ + " ORDER BY userid";
    for (Row row : database_.query(select.c_str()))
        users.push_back({row.string(0), row.string(1), row.string(2), row.string(3), row.string(4),
                         row.string(5), row.string(6), row.string(7)});
    return users;
}

std::vector<OldTicket> OldTables::tickets() {
    std::vector<OldTicket> tickets;
    const std::string select = "SELECT userid, ticket_id, invited_name, ticket_hash, "
                               "       (extract(epoch FROM created_at::timestamptz) * 1000)::bigint" +
                               columns_of_day("1") + columns_of_day("2") + " FROM " + tickets_ +
                               " ORDER BY userid, ticket_id, ticket_hash";
    for (Row row : database_.query(select.c_str())) {
        OldTicket& ticket = tickets.emplace_back(
            OldTicket{row.string(0), row.number(1), row.string(2), row.string(3), row.number(4), {}});
        for (int day = 0; day < 2; ++day) {
            const int at = 5 + 5 * day;
            // An exit gave the allowance back: nothing left means inside.
            ticket.days[static_cast<std::size_t>(day)] = {row.number(at + 1), row.number(at + 2),
                                                          row.number(at) <= 0, time_at(row, at + 3),
                                                          time_at(row, at + 4)};
        }
    }
    return tickets;
}

std::string OldTables::source() {
    return database_.query("SELECT current_database() || coalesce(' on ' || host(inet_server_addr()), '')")[0]
        .string(0);
}

} // namespace mogiri::daemon
