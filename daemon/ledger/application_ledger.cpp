// Applications in the ledger: a batch of them is decided and written in one transaction.
#include "application_ledger.hpp"

#include <crash_point.hpp>
#include <digest.hpp>
#include <form.hpp>

#include <algorithm>
#include <set>

#include "places.hpp"

namespace mogiri::daemon {

namespace {

// One number for a thing to be locked. Two things with one number only wait for each other needlessly.
std::int64_t lock_number(std::string_view kind, std::uint32_t event, std::string_view first,
                         std::string_view second) {
    std::string name(kind);
    name += std::to_string(event);
    for (std::string_view part : {first, second}) {
        name += '\0';
        name += part;
    }
    const Digest digest = sha256(name);
    std::uint64_t number = 0;
    for (int i = 0; i < 8; ++i)
        number = number << 8 | digest[i];
    return static_cast<std::int64_t>(number);
}

// The applicants of a batch as columns for unnest().
struct ApplicantColumns {
    explicit ApplicantColumns(std::span<const ApplyJob> jobs) {
        for (const ApplyJob& job : jobs) {
            events.push_back(job.event);
            forms.push_back(job.form);
            applicants.push_back(job.applicant);
            addresses.push_back(normalized_address(job.email));
        }
    }
    std::vector<std::uint32_t> events;
    std::vector<std::string> forms, applicants, addresses;
};

ApplicantKey key_at(Row row, int column) {
    return {static_cast<std::uint32_t>(row.number(column)), row.string(column + 1), row.string(column + 2)};
}

} // namespace

std::int64_t applicant_lock(const ApplyJob& job) {
    return lock_number("applicant", job.event, job.form, job.applicant);
}

std::int64_t address_lock(const ApplyJob& job) {
    return lock_number("address", job.event, normalized_address(job.email), {});
}

std::vector<std::int64_t> capacity_locks(std::uint32_t event, const EventSettings& settings,
                                         const TicketKind& kind) {
    std::vector<std::int64_t> numbers;
    if (kind.capacity > 0)
        numbers.push_back(lock_number("kind", event, kind.id, {}));
    for (const EventDay& day : settings.days)
        if (day.capacity > 0 && kind.valid_on(day.number))
            numbers.push_back(lock_number("day", event, std::to_string(day.number), {}));
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

void forget_applicants(Database& database, const std::vector<std::string>& applications) {
    std::set<std::int64_t> numbers; // nobody decides about them meanwhile
    for (const ApplyJob& job : read_applications(database, applications))
        numbers.insert(applicant_lock(job));
    database.query("SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number",
                   {std::vector(numbers.begin(), numbers.end())});
    database.query(
        "DELETE FROM applicant USING application AS gone "
        "WHERE gone.id = ANY ($1::text[]) AND applicant.event = gone.event AND applicant.form = gone.form "
        "AND applicant.applicant = gone.applicant AND NOT EXISTS ("
        "  SELECT FROM application AS held WHERE held.event = gone.event AND held.form = gone.form "
        "  AND held.applicant = gone.applicant AND held.state IN ('issued', 'awaiting_approval', 'waiting'))",
        {applications});
}

std::vector<Settlement> ApplicationLedger::settle(std::span<const ApplyJob> jobs,
                                                  const std::function<void()>& at_the_end) {
    Transaction transaction(database_);
    book_.refresh(database_);
    lock(jobs);
    MOGIRI_CRASH_POINT("road.locked");
    Standing standing = standing_of(jobs);

    std::vector<Settlement> settlements;
    settlements.reserve(jobs.size());
    std::vector<FreshApplication> fresh;
    for (const ApplyJob& job : jobs) {
        const auto [settled, is_fresh] = standing.settled.try_emplace(job.id);
        if (is_fresh) {
            const Decision decision = decide(job, event_of(job), standing);
            settled->second = {decided_answer(job, decision), job.body_hash};
        }
        settlements.push_back({settled->second.answer, settled->second.body_hash, {}, std::nullopt});
        if (is_fresh)
            fresh.push_back({job, event_of(job).settings, settlements.back()});
    }
    if (!fresh.empty())
        write_applications(database_, signing_key_, fresh);
    MOGIRI_CRASH_POINT("road.written");
    if (at_the_end)
        at_the_end();
    transaction.commit();
    return settlements;
}

std::optional<Decision> ApplicationLedger::confirm(std::uint32_t event, const std::string& id) {
    const Result held = database_.query("SELECT FROM application WHERE event = $1 AND id = $2 AND "
                                        "state = 'unconfirmed' AND confirm_by > now() FOR UPDATE",
                                        {event, id});
    if (held.empty())
        return std::nullopt;
    book_.refresh(database_);
    const std::vector<ApplyJob> jobs = read_applications(database_, {id});
    lock(jobs);
    Standing standing = standing_of(jobs);
    const ApplyJob& job = jobs.front();
    const BookedEvent& booked = event_of(job);
    const Decision decision = decide(job, booked, standing, true);
    Settlement settlement{decided_answer(job, decision), job.body_hash, {}, std::nullopt};
    change_applications(database_, signing_key_,
                        std::vector{FreshApplication{job, booked.settings, settlement}}, "confirmed",
                        "by the link in its mail");
    return decision;
}

std::vector<std::uint32_t> ApplicationLedger::events() {
    book_.refresh(database_);
    return book_.numbers();
}

const BookedEvent& ApplicationLedger::event_of(const ApplyJob& job) const {
    const BookedEvent* event = book_.find(job.event);
    if (!event)
        throw FaultyJob("there is no event " + std::to_string(job.event));
    return *event;
}

void ApplicationLedger::lock(std::span<const ApplyJob> jobs) {
    std::set<std::int64_t> numbers;
    for (const ApplyJob& job : jobs) {
        const EventSettings& settings = event_of(job).settings;
        const TicketKind& kind = settings.kinds.at(form_of(job, settings).kind);
        numbers.insert(applicant_lock(job));
        numbers.insert(address_lock(job));
        for (const std::int64_t number : capacity_locks(job.event, settings, kind))
            numbers.insert(number);
    }
    database_.query("SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number",
                    {std::vector(numbers.begin(), numbers.end())});
}

Standing ApplicationLedger::standing_of(std::span<const ApplyJob> jobs) {
    Standing standing;
    read_settled(jobs, standing);
    read_applicants(jobs, standing);
    read_roster(jobs, standing);
    read_sales(jobs, standing);
    return standing;
}

void ApplicationLedger::read_settled(std::span<const ApplyJob> jobs, Standing& standing) {
    std::vector<std::string> ids, body_hashes;
    for (const ApplyJob& job : jobs) {
        ids.push_back(job.id);
        body_hashes.push_back(job.body_hash);
    }
    for (Row row : database_.query(
             "SELECT id, coalesce(code, 'issued'), tickets, body_hash, version FROM application WHERE id "
             "= ANY ($1::text[]) "
             "UNION ALL "
             "SELECT application, 'failed', 0, body_hash, 0 FROM dead_letter JOIN "
             "unnest($1::text[], $2::text[]) "
             "AS wanted (application, body_hash) USING (application) WHERE resolved_at IS NULL",
             {ids, body_hashes})) {
        const Decision decision = decision_of(row.text(1)).value_or(Decision::failed);
        standing.settled.emplace(
            row.string(0), Settled{{row.string(0), decision, row.number(2), row.number(4)}, row.string(3)});
    }
}

void ApplicationLedger::read_applicants(std::span<const ApplyJob> jobs, Standing& standing) {
    const ApplicantColumns wanted(jobs);
    for (Row row : database_.query("WITH wanted AS (SELECT DISTINCT * FROM unnest($1::integer[], $2::text[], "
                                   "$3::text[], $4::text[]) "
                                   "                AS w (event, form, applicant, address)) "
                                   "SELECT event, form, applicant, a.address FROM applicant a JOIN wanted "
                                   "USING (event, form, applicant) "
                                   "UNION SELECT event, a.form, a.applicant, address FROM applicant a JOIN "
                                   "wanted USING (event, address)",
                                   {wanted.events, wanted.forms, wanted.applicants, wanted.addresses})) {
        const ApplicantKey applicant = key_at(row, 0);
        standing.addresses.emplace(applicant, row.string(3));
        standing.holders.emplace(std::pair(applicant.event, row.string(3)), applicant);
    }
    for (Row row : database_.query(
             "WITH wanted AS (SELECT DISTINCT * FROM unnest($1::integer[], $2::text[], $3::text[]) "
             "                AS w (event, form, applicant)) "
             "SELECT event, form, applicant, sum(tickets - returned) FROM application JOIN wanted USING "
             "(event, form, applicant) "
             "WHERE state IN ('issued', 'awaiting_approval', 'waiting') AND NOT uncounted GROUP BY event, "
             "form, applicant",
             {wanted.events, wanted.forms, wanted.applicants}))
        standing.issued.emplace(key_at(row, 0), row.number(3));
}

void ApplicationLedger::read_roster(std::span<const ApplyJob> jobs, Standing& standing) {
    std::vector<std::uint32_t> events;
    std::vector<std::string> forms, ids;
    for (const ApplyJob& job : jobs)
        if (const auto key = roster_key(job, form_of(job, event_of(job).settings))) {
            events.push_back(key->event);
            forms.push_back(key->form);
            ids.push_back(key->applicant);
        }
    if (ids.empty())
        return;
    for (Row row : database_.query("SELECT event, form, id, address FROM roster_entry JOIN "
                                   "(SELECT DISTINCT * FROM unnest($1::integer[], $2::text[], $3::text[]) "
                                   " AS w (event, form, id)) AS wanted USING (event, form, id)",
                                   {events, forms, ids}))
        standing.roster.emplace(key_at(row, 0), row.string(3));
}

void ApplicationLedger::read_sales(std::span<const ApplyJob> jobs, Standing& standing) {
    std::map<std::uint32_t, const EventSettings*> limited;
    for (const ApplyJob& job : jobs) {
        const EventSettings& settings = event_of(job).settings;
        if (std::ranges::any_of(settings.kinds, [](const TicketKind& kind) { return kind.capacity > 0; }) ||
            std::ranges::any_of(settings.days, [](const EventDay& day) { return day.capacity > 0; }))
            limited.emplace(job.event, &settings);
    }
    if (limited.empty())
        return;
    standing.taken = taken_places(database_, limited);
    standing.waiting = awaited_kinds(database_, limited);
}

} // namespace mogiri::daemon
