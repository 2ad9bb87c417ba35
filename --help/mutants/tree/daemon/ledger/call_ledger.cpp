// Which calls were done, and what was answered to them.
#include "call_ledger.hpp"

namespace mogiri::daemon {

void CallLedger::lock(const Call& call) {
    database_.query("SELECT pg_advisory_xact_lock(hashtextextended('call ' || $1, 0))", {call.id});
}

std::optional<DoneCall> CallLedger::find(const Call& call) {
    const Result rows = database_.query(
        "SELECT body_hash, status, body FROM call WHERE id = $1 AND event = $2", {call.id, call.event});
    if (rows.empty())
        return std::nullopt;
    DoneCall done{rows[0].string(0), static_cast<int>(rows[0].number(1)), rows[0].string(2), {}};
    for (Row row : database_.query("SELECT unnest(serials) FROM call WHERE id = $1", {call.id}))
        done.serials.push_back(static_cast<std::uint64_t>(row.number(0)));
    return done;
}

void CallLedger::note(const Call& call, const DoneCall& done) {
    database_.query(
        "INSERT INTO call (id, event, verb, actor, body_hash, status, body, serials) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8::bigint[])",
        {call.id, call.event, call.verb, call.actor, done.body_hash, done.status, done.body, done.serials});
}

void CallLedger::tidy() {
    database_.query("DELETE FROM call WHERE done_at < now() - $1::interval", {kept});
}

} // namespace mogiri::daemon
