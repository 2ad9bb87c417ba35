// The counts and lists of EventLedger that mogirictl shows.
#include "event_ledger.hpp"

namespace mogiri::daemon {

std::vector<EventRow> EventLedger::events() {
    std::vector<EventRow> events;
    for (Row row :
         database_.query("SELECT number, slug, version, is_default, coalesce(epoch, 0) "
                         "FROM event LEFT JOIN cache_state ON cache_state.event = number ORDER BY number"))
        events.push_back({static_cast<std::uint32_t>(row.number(0)), row.string(1),
                          static_cast<std::uint64_t>(row.number(2)), row.truth(3),
                          static_cast<std::uint64_t>(row.number(4))});
    return events;
}

std::uint32_t EventLedger::number_of(std::string_view slug) {
    const Result rows = database_.query("SELECT number FROM event WHERE slug = $1", {slug});
    if (rows.empty())
        throw LedgerRefusal("there is no event \"" + std::string(slug) +
                            "\"; mogirictl event list names them");
    return static_cast<std::uint32_t>(rows[0].number(0));
}

LedgerCounts EventLedger::counts() {
    const Result rows = database_.query(R"sql(
SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM device WHERE revoked_at IS NULL),
       (SELECT count(*) FROM account),
       applications.issued, applications.refused, applications.unconfirmed, applications.awaiting, applications.waiting,
       (SELECT count(*) FROM ticket WHERE NOT test),
       (SELECT count(*) FROM admission), (SELECT count(*) FROM scan),
       (SELECT count(*) FROM scan_conflict WHERE resolved_at IS NULL),
       mails.pending, mails.sending, mails.sent, mails.retry, mails.unknown, mails.failed, mails.suppressed,
       mails.oldest, cache.waiting, cache.oldest,
       (SELECT count(*) FROM dead_letter WHERE resolved_at IS NULL),
       (SELECT count(*) FROM alert WHERE cleared_at IS NULL)
FROM (SELECT count(*) FILTER (WHERE state = 'issued') AS issued, count(*) FILTER (WHERE state = 'refused') AS refused,
             count(*) FILTER (WHERE state = 'unconfirmed') AS unconfirmed,
             count(*) FILTER (WHERE state = 'awaiting_approval') AS awaiting,
             count(*) FILTER (WHERE state = 'waiting') AS waiting
      FROM application WHERE NOT test) AS applications,
     (SELECT count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'sending') AS sending,
             count(*) FILTER (WHERE state = 'sent') AS sent, count(*) FILTER (WHERE state = 'retry') AS retry,
             count(*) FILTER (WHERE state = 'unknown') AS unknown, count(*) FILTER (WHERE state = 'failed') AS failed,
             count(*) FILTER (WHERE state = 'suppressed') AS suppressed,
             coalesce(extract(epoch FROM now() - min(next_at) FILTER (WHERE next_at <= now())), 0)::bigint AS oldest
      FROM mail_outbox) AS mails,
     (SELECT count(*) AS waiting,
             coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now())), 0)::bigint AS oldest
      FROM cache_outbox) AS cache
)sql");
    LedgerCounts counts;
    int column = 0;
    for (std::int64_t LedgerCounts::*count : {&LedgerCounts::events,
                                              &LedgerCounts::devices,
                                              &LedgerCounts::accounts,
                                              &LedgerCounts::applications,
                                              &LedgerCounts::refusals,
                                              &LedgerCounts::unconfirmed,
                                              &LedgerCounts::awaiting_approval,
                                              &LedgerCounts::waiting,
                                              &LedgerCounts::tickets,
                                              &LedgerCounts::admissions,
                                              &LedgerCounts::scans,
                                              &LedgerCounts::conflicts,
                                              &LedgerCounts::mail_pending,
                                              &LedgerCounts::mail_sending,
                                              &LedgerCounts::mail_sent,
                                              &LedgerCounts::mail_retry,
                                              &LedgerCounts::mail_unknown,
                                              &LedgerCounts::mail_failed,
                                              &LedgerCounts::mail_suppressed,
                                              &LedgerCounts::oldest_mail_s,
                                              &LedgerCounts::cache_waiting,
                                              &LedgerCounts::oldest_cache_s,
                                              &LedgerCounts::dead_letters,
                                              &LedgerCounts::alerts})
        counts.*count = rows[0].number(column++);
    return counts;
}

std::vector<OpenAlert> EventLedger::alerts() {
    std::vector<OpenAlert> alerts;
    for (Row row : database_.query("SELECT kind, subject, text, to_char(raised_at AT TIME ZONE 'UTC', "
                                   "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
                                   "FROM alert WHERE cleared_at IS NULL ORDER BY id"))
        alerts.push_back({row.string(0), row.string(1), row.string(2), row.string(3)});
    return alerts;
}

std::int64_t EventLedger::unpublished(std::uint32_t event) {
    // Rows that are due later are published by the road, beside its answers.
    return database_
        .query("SELECT count(*) FROM cache_outbox WHERE event = $1 AND due_at <= now()", {event})[0]
        .number(0);
}

} // namespace mogiri::daemon
