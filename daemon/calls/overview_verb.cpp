// What stands where at an event, in one look at the ledger.
#include "overview_verb.hpp"

#include "ask.hpp"

namespace mogiri::daemon {

CallResult show_overview(CallTools& tools, const Call& call, const json_t*) {
    if (!tools.book.find(call.event))
        return refusal(404, "not_found");
    const auto rows = tools.database.query(
        "SELECT json_build_object("
        "'applications', (SELECT coalesce(json_object_agg(state, n), '{}') FROM (SELECT state, count(*) AS n "
        "  FROM application WHERE event = $1 AND NOT test GROUP BY state) AS a), "
        "'tickets', (SELECT coalesce(json_object_agg(status, n), '{}') FROM (SELECT status, count(*) AS n "
        "  FROM ticket WHERE event = $1 AND NOT test GROUP BY status) AS t), "
        "'mails', (SELECT coalesce(json_object_agg(state, n), '{}') FROM (SELECT state, count(*) AS n "
        "  FROM mail_outbox WHERE event = $1 GROUP BY state) AS m), "
        "'oldest_mail_s', (SELECT floor(extract(epoch FROM now() - min(next_at)))::bigint FROM mail_outbox "
        "  WHERE event = $1 AND state IN ('pending', 'retry', 'unknown') AND next_at <= now()), "
        "'gates', (SELECT coalesce(json_agg(json_build_object('gate', gate, 'devices', n, 'last_seen_at', "
        "seen) "
        "  ORDER BY gate), '[]') FROM (SELECT gate, count(*) AS n, max(last_seen_at) AS seen FROM device "
        "  WHERE event = $1 AND revoked_at IS NULL GROUP BY gate) AS d), "
        "'alerts', (SELECT coalesce(json_agg(json_build_object('alert', id, 'kind', kind, 'subject', "
        "subject, "
        "  'text', text, 'raised_at', raised_at) ORDER BY id DESC), '[]') FROM (SELECT * FROM alert "
        "  WHERE cleared_at IS NULL "
        // Not what is another event's: a mail's may hold what a server said of its address.
        "    AND coalesce(substring(subject FROM '\\mevent (\\d+)'), substring(subject FROM '^(\\d+) '), "
        "                 $1::text) = $1::text "
        "    AND NOT EXISTS (SELECT FROM mail_outbox WHERE 'mail ' || id = subject AND event <> $1) "
        "  ORDER BY id DESC LIMIT 50) AS open))",
        {call.event});
    return {200, rows[0].string(0)};
}

} // namespace mogiri::daemon
