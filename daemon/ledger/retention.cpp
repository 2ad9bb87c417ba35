// Events whose data has been kept long enough; sql/0025_erasure.sql tells when that is, and what goes.
#include "retention.hpp"

namespace mogiri::daemon {

namespace {

// Also what came when the event's data had gone, once it was kept as long.
#define MOGIRI_PERSONAL                                                                                      \
    "FROM application AS a WHERE a.event = retention.event AND (email <> '' OR applicant <> '')"
#define MOGIRI_ERASING                                                                                       \
    "EXISTS (SELECT FROM erasure WHERE kind = 'event' AND erasure.event = retention.event AND done_at IS "   \
    "NULL)"
#define MOGIRI_DUE                                                                                           \
    "(ends_at <= now() AND (erased_at IS NULL OR erased_at < ends_at OR (NOT " MOGIRI_ERASING                \
    " AND EXISTS (SELECT " MOGIRI_PERSONAL                                                                   \
    " AND submitted_at <= now() - make_interval(days => retention.days)))))"

constexpr const char* states =
    "SELECT retention.event, slug, coalesce(last_day::text, ''), days, coalesce(iso(ends_at), ''), "
    "CASE WHEN " MOGIRI_DUE " THEN 'due' WHEN erased_at >= ends_at THEN "
    "     CASE WHEN " MOGIRI_ERASING " THEN 'erasing' ELSE 'erased' END ELSE 'kept' END, "
    "(SELECT count(*) " MOGIRI_PERSONAL ") "
    "FROM retention ORDER BY retention.event";

} // namespace

std::vector<KeptEvent> Retention::list() {
    std::vector<KeptEvent> events;
    for (Row row : database_.query(states))
        events.push_back({static_cast<std::uint32_t>(row.number(0)), row.string(1), row.string(2),
                          row.number(3), row.string(4), row.string(5), row.number(6)});
    return events;
}

std::vector<std::int64_t> Retention::order_due() {
    std::vector<std::int64_t> numbers;
    Transaction transaction(database_);
    // Two who order at once would order twice.
    database_.query("LOCK TABLE erasure IN SHARE ROW EXCLUSIVE MODE");
    for (Row row : database_.query("INSERT INTO erasure (kind, event, ordered_by) "
                                   "SELECT 'event', event, current_setting('mogiri.actor') FROM retention "
                                   "WHERE " MOGIRI_DUE " RETURNING number"))
        numbers.push_back(row.number(0));
    if (!numbers.empty())
        database_.query("SELECT pg_notify('mogiri_erasures', '')");
    transaction.commit();
    return numbers;
}

void Retention::sweep(std::int64_t erasure, std::uint32_t event) {
    Transaction transaction(database_);
    std::vector<std::string> ids;
    for (Row row : database_.query("SELECT id FROM application WHERE event = $2 AND id > (SELECT cursor FROM "
                                   "erasure WHERE number = $1) "
                                   "AND (email <> '' OR applicant <> '') ORDER BY id LIMIT $3",
                                   {erasure, event, applications_a_batch}))
        ids.push_back(row.string(0));
    if (!ids.empty()) {
        database_.query("SELECT erase_applications($1, $2::text[])", {erasure, ids});
        database_.query("UPDATE erasure SET cursor = $2 WHERE number = $1", {erasure, ids.back()});
    } else {
        database_.query("SELECT erase_event_rest($1, $2)", {erasure, event});
        database_.query("UPDATE erasure SET swept_at = now() WHERE number = $1", {erasure});
        database_.query(
            "INSERT INTO audit (actor, origin, verb, event, subject, after) "
            "SELECT ordered_by, '', 'event.erase', event, 'erasure ' || number, "
            "       jsonb_build_object('applications', applications, 'tickets', tickets, 'mails', mails, "
            "                          'roster', roster) FROM erasure WHERE number = $1",
            {erasure});
    }
    transaction.commit();
}

} // namespace mogiri::daemon
