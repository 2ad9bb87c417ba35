// One person's data in the ledger; what must go is written in sql/0025_erasure.sql.
#include "person_erasure.hpp"

#include <apply_job.hpp>
#include <form.hpp>
#include <redis_keys.hpp>

namespace mogiri::daemon {

namespace {

// As normalized_address() spells them.
#define MOGIRI_NORMALIZED(column)                                                                            \
    "regexp_replace(lower(normalize(" column ", NFKC)), '^([^+@]+)[+].*(@[^@]*)$', '\\1\\2')"

// What applied with the address or as the applicant; also what another applicant was refused for the address.
// Whose applicant is told has the address, or was asked for.
constexpr const char* applications_of =
    "SELECT id, CASE WHEN $2 <> '' OR (event, form, applicant) IN (SELECT event, form, applicant FROM "
    "applicant "
    "WHERE address = $1) THEN applicant ELSE '' END "
    "FROM application WHERE event = coalesce($3::integer, event) AND NOT test AND "
    "  ((event, form, applicant) IN (SELECT event, form, applicant FROM applicant "
    "                                WHERE $1 <> '' AND address = $1 AND event = coalesce($3, event)) "
    "   OR ($1 <> '' AND " MOGIRI_NORMALIZED(
        "email") " = $1) OR ($2 <> '' AND applicant = $2)) "
                 "UNION SELECT application, '' FROM dead_letter WHERE event = coalesce($3, event) AND "
                 "application <> '' "
                 "  AND strpos(regexp_replace(lower(encode(payload, 'escape')), '[+][^@\"]*@', '@', 'g'), "
                 "             coalesce(nullif($1, ''), '\"applicant\":\"' || lower($2) || '\"')) > 0 "
                 "UNION SELECT application, '' FROM mail_outbox WHERE $1 <> '' AND event = coalesce($3, "
                 "event) "
                 "  AND application LIKE 'link:%' AND " MOGIRI_NORMALIZED("recipient") " = $1 "
                                                                                       "ORDER BY 1";

// Who was refused in another's name is not that one: erase_applications would take the applicant's row, too.
constexpr const char* leave_to_others =
    "UPDATE application SET applicant = '' FROM applicant AS other WHERE id = ANY ($1::text[]) AND $2 <> '' "
    "AND (other.event, other.form, other.applicant) = (application.event, application.form, "
    "application.applicant) AND other.address <> $2";

// As they were typed: answers of calls tell them so.
constexpr const char* spellings_of =
    "SELECT email FROM application WHERE id = ANY ($1::text[]) AND email <> '' "
    "UNION SELECT email FROM account WHERE number = ANY ($2::bigint[])";

constexpr const char* usable_of =
    "SELECT ticket.event, serial FROM ticket JOIN event ON number = event "
    "WHERE application = ANY ($1::text[]) AND status = 'valid' AND definition ->> 'state' <> 'archived' "
    "AND (coalesce((definition ->> 'forced_day')::integer, 0) > 0 OR "
    "     (SELECT max((day ->> 'date')::date) FROM jsonb_array_elements(definition -> 'day') AS day) "
    "     >= (now() AT TIME ZONE coalesce(definition ->> 'time_zone', 'Asia/Tokyo'))::date) "
    "ORDER BY 1, 2";

#define MOGIRI_ROSTER_OF                                                                                     \
    "FROM roster_entry WHERE event = coalesce($1::integer, event) AND "                                      \
    "(($2 <> '' AND address = $2) OR id = ANY ($3::text[]))"

} // namespace

PersonTraces PersonErasure::find(const Person& person) {
    const std::string address = normalized_address(person.address);
    PersonTraces traces;
    for (Row row : database_.query(applications_of, {address, person.applicant, person.event})) {
        traces.applications.push_back(row.string(0));
        if (!row.text(1).empty())
            traces.applicants.push_back(row.string(1));
    }
    if (!person.applicant.empty())
        traces.applicants.push_back(person.applicant);
    for (Row row : database_.query(usable_of, {traces.applications})) {
        traces.usable.emplace_back();
        traces.usable.back().event = static_cast<std::uint32_t>(row.number(0));
        traces.usable.back().serial = row.number(1);
    }
    if (!address.empty() && !person.event)
        for (Row row : database_.query("SELECT number FROM account WHERE address = $1", {address}))
            traces.accounts.push_back(row.number(0));
    if (person.roster)
        traces.roster =
            database_
                .query("SELECT count(*) " MOGIRI_ROSTER_OF, {person.event, address, traces.applicants})[0]
                .number(0);
    return traces;
}

std::int64_t PersonErasure::erase(const Person& person, const PersonTraces& traces) {
    const std::string address = normalized_address(person.address);
    const std::int64_t number =
        database_
            .query("INSERT INTO erasure (kind, event, ordered_by) VALUES ('person', $1, "
                   "current_setting('mogiri.actor')) RETURNING number",
                   {person.event})[0]
            .number(0);
    std::vector<std::string> actors, words{address};
    for (const std::string& id : traces.applications) {
        actors.push_back("application:" + id);
        words.push_back(id);
    }
    for (const std::int64_t account : traces.accounts)
        actors.push_back("account:" + std::to_string(account));
    for (Row row : database_.query(spellings_of, {traces.applications, traces.accounts}))
        words.push_back(row.string(0));
    database_.query(leave_to_others, {traces.applications, address});
    database_.query("SELECT erase_calls($1, $2::text[], $3::text[], NULL)", {number, actors, words});
    database_.query("SELECT erase_applications($1, $2::text[])", {number, traces.applications});
    for (const std::int64_t account : traces.accounts)
        database_.query("SELECT erase_account($1, $2)", {number, account});
    if (person.roster)
        database_.query("WITH gone AS (DELETE " MOGIRI_ROSTER_OF " RETURNING 1) "
                        "UPDATE erasure SET roster = (SELECT count(*) FROM gone) WHERE number = $4",
                        {person.event, address, traces.applicants, number});
    database_.query("UPDATE erasure SET swept_at = now() WHERE number = $1", {number});
    database_.query(
        "INSERT INTO audit (actor, origin, verb, event, subject, after) "
        "SELECT ordered_by, coalesce(current_setting('mogiri.origin', true), ''), "
        "       'person.erase', event, 'erasure ' || number, "
        "       jsonb_build_object('applications', applications, 'tickets', tickets, 'mails', mails, "
        "                          'users', users, 'roster', roster) FROM erasure WHERE number = $1",
        {number});
    database_.query("SELECT pg_notify('mogiri_erasures', '')");
    return number;
}

bool PersonErasure::is_on_its_way(Redis& redis, const Person& person) {
    const std::string address = normalized_address(person.address);
    for (Row row : database_.query("SELECT number FROM event WHERE number = coalesce($1::integer, number)",
                                   {person.event})) {
        const Reply jobs =
            redis.command({"XRANGE", redis_keys::jobs(static_cast<std::uint32_t>(row.number(0))), "-", "+"});
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            const ReplyView fields = jobs[i][1];
            for (std::size_t field = 0; field + 1 < fields.size(); field += 2)
                try {
                    const ApplyJob job = decode_apply_job(fields[field + 1].text());
                    if (address.empty() ? job.applicant == person.applicant
                                        : normalized_address(job.email) == address)
                        return true;
                } catch (const std::invalid_argument&) { // not an application: the road buries it
                }
        }
    }
    return false;
}

bool PersonErasure::is_done(std::int64_t number) {
    return !database_.query("SELECT FROM erasure WHERE number = $1 AND done_at IS NOT NULL", {number})
                .empty();
}

} // namespace mogiri::daemon
