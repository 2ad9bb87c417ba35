// Rosters by list in the ledger.
#include "roster_ledger.hpp"

#include <algorithm>

namespace mogiri::daemon {

namespace {

constexpr std::size_t entries_a_statement = 2000;

} // namespace

RosterChange RosterLedger::store(std::uint32_t event, std::string_view form,
                                 std::span<const RosterEntry> entries, bool dry_run,
                                 const std::function<void(std::size_t)>& progress) {
    RosterChange change;
    Transaction transaction(database_);
    for (std::size_t from = 0; from < entries.size(); from += entries_a_statement) {
        const auto some = entries.subspan(from, std::min(entries_a_statement, entries.size() - from));
        std::vector<std::string> ids, names, addresses, classes;
        for (const RosterEntry& entry : some) {
            ids.push_back(entry.id);
            names.push_back(entry.name);
            addresses.push_back(entry.address);
            classes.push_back(entry.class_name);
        }
        // xmax is 0 in a row that was not there before.
        const Result touched = database_.query(
            "WITH touched AS ("
            "  INSERT INTO roster_entry AS entry (event, form, id, name, address, class) "
            "  SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) "
            "  ON CONFLICT (event, form, id) DO UPDATE "
            "  SET name = excluded.name, address = excluded.address, class = excluded.class, imported_at = "
            "now() "
            "  WHERE (entry.name, entry.address, entry.class) "
            "        IS DISTINCT FROM (excluded.name, excluded.address, excluded.class) "
            "  RETURNING xmax = 0 AS is_new) "
            "SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM touched",
            {event, form, ids, names, addresses, classes});
        change.added += touched[0].number(0);
        change.changed += touched[0].number(1);
        progress(from + some.size());
    }
    change.unchanged = static_cast<std::int64_t>(entries.size()) - change.added - change.changed;
    change.absent = database_
                        .query("SELECT count(*) FROM roster_entry WHERE event = $1 AND form = $2",
                               {event, form})[0]
                        .number(0) -
                    static_cast<std::int64_t>(entries.size());
    if (!dry_run)
        transaction.commit();
    return change;
}

std::vector<RosterEntry> RosterLedger::list(std::uint32_t event, std::string_view form,
                                            std::string_view class_name, std::int64_t limit) {
    std::vector<RosterEntry> entries;
    for (Row row : database_.query("SELECT id, name, address, class FROM roster_entry "
                                   "WHERE event = $1 AND form = $2 AND ($3 = '' OR class = $3) "
                                   "ORDER BY id LIMIT $4",
                                   {event, form, class_name, limit}))
        entries.push_back({row.string(0), row.string(1), row.string(2), row.string(3)});
    return entries;
}

std::int64_t RosterLedger::clear(std::uint32_t event, std::string_view form) {
    return database_.query("DELETE FROM roster_entry WHERE event = $1 AND form = $2", {event, form})
        .touched();
}

} // namespace mogiri::daemon
