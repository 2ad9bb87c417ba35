// What Redis must still be told (cache_outbox) and how far it is known to have come (cache_state).
#include "cache_ledger.hpp"

#include <ready_mark.hpp>

namespace mogiri::daemon {

std::vector<DueRow> CacheLedger::due(int limit) {
    std::vector<DueRow> rows;
    for (Row row :
         database_.query("SELECT id, event, serial, application FROM "
                         "(SELECT id, event, coalesce(serials, ARRAY[coalesce(serial, 0)]) AS serials, "
                         "        coalesce(application, '') AS application "
                         " FROM cache_outbox WHERE due_at <= now() ORDER BY id LIMIT $1) AS due, "
                         "unnest(serials) AS serial ORDER BY id",
                         {limit}))
        rows.push_back({row.number(0), static_cast<std::uint32_t>(row.number(1)),
                        static_cast<std::uint64_t>(row.number(2)), row.string(3)});
    return rows;
}

std::vector<std::pair<std::string, Answer>>
CacheLedger::answers(const std::vector<std::string>& applications) {
    std::vector<std::pair<std::string, Answer>> answers;
    for (Row row :
         database_.query("SELECT body_hash, id, coalesce(code, 'issued'), tickets, version FROM application "
                         "WHERE id = ANY ($1::text[])",
                         {applications}))
        answers.emplace_back(row.string(0),
                             Answer{row.string(1), decision_of(row.text(2)).value_or(Decision::failed),
                                    row.number(3), row.number(4)});
    return answers;
}

void CacheLedger::confirm(const std::vector<std::int64_t>& rows,
                          const std::map<std::uint32_t, std::uint64_t>& batches) {
    Transaction transaction(database_);
    // Forgetting this in a crash means no more than publishing the same again.
    database_.query("SET LOCAL synchronous_commit = off");
    note(rows, batches);
    transaction.commit();
}

void CacheLedger::note(const std::vector<std::int64_t>& rows,
                       const std::map<std::uint32_t, std::uint64_t>& batches) {
    database_.query("DELETE FROM cache_outbox WHERE id = ANY ($1::bigint[])", {rows});
    for (const auto& [event, batch] : batches) // in one order, so that two never wait for each other
        note_batch(event, batch);
}

void CacheLedger::note_batch(std::uint32_t event, std::uint64_t batch) {
    database_.query("UPDATE cache_state SET batch = $2 WHERE event = $1 AND batch < $2", {event, batch});
}

CacheState CacheLedger::state(std::uint32_t event) {
    const Result rows = database_.query(
        "SELECT epoch, batch, coalesce(rebuild_reason, ''), coalesce(rebuild_step, '') FROM cache_state "
        "WHERE event = $1",
        {event});
    if (rows.empty())
        return {};
    return {static_cast<std::uint64_t>(rows[0].number(0)), static_cast<std::uint64_t>(rows[0].number(1)),
            rows[0].string(2), rows[0].string(3)};
}

void CacheLedger::want_rebuild(std::uint32_t event, std::string_view reason) {
    database_.query("INSERT INTO cache_state AS state (event, rebuild_reason) VALUES ($1, $2) "
                    "ON CONFLICT (event) DO UPDATE SET rebuild_reason = $2",
                    {event, reason});
}

void CacheLedger::note_rebuild(std::uint32_t event, std::string_view step) {
    database_.query("UPDATE cache_state SET rebuild_step = nullif($2, '') WHERE event = $1", {event, step});
}

std::uint64_t CacheLedger::raise_epoch(std::uint32_t event, std::uint64_t above) {
    const Result rows = database_.query(
        "INSERT INTO cache_state AS state (event, epoch) VALUES ($1, $2::bigint + 1) "
        "ON CONFLICT (event) DO UPDATE SET epoch = greatest(state.epoch, $2) + 1 RETURNING epoch",
        {event, above});
    const auto epoch = static_cast<std::uint64_t>(rows[0].number(0));
    database_.query("UPDATE cache_state SET batch = $2, rebuild_reason = NULL WHERE event = $1",
                    {event, first_batch(epoch)});
    return epoch;
}

} // namespace mogiri::daemon
