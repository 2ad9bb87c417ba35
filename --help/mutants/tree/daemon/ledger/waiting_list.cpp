// The waiting list: who is first in it moves up when places come free. And unconfirmed applications, which
// lapse.
#include "waiting_list.hpp"

#include <list>
#include <set>
#include <string>
#include <vector>

#include "application_ledger.hpp"
#include "locks.hpp"
#include "places.hpp"

namespace mogiri::daemon {

namespace {

// The forms of the event that somebody waits in.
std::set<std::string> awaited_forms(Database& database, const EventSettings& settings) {
    std::set<std::string> forms;
    for (Row row :
         database.query("SELECT DISTINCT form FROM application WHERE event = $1 AND state = 'waiting'",
                        {settings.number}))
        if (settings.form(row.text(0)))
            forms.insert(row.string(0));
    return forms;
}

const TicketKind& kind_of(const EventSettings& settings, std::string_view form) {
    return settings.kinds.at(settings.form(form)->kind);
}

void lock_places(Database& database, const EventSettings& settings, const std::set<std::string>& forms) {
    std::set<std::int64_t> numbers;
    for (const std::string& form : forms)
        for (const std::int64_t number : capacity_locks(settings.number, settings, kind_of(settings, form)))
            numbers.insert(number);
    database.query("SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number",
                   {std::vector(numbers.begin(), numbers.end())});
}

// Those whose turn it is, in their order.
std::vector<std::string> next_in_line(Database& database, const EventSettings& settings,
                                      const std::set<std::string>& forms, TakenPlaces taken) {
    std::vector<std::string> with_room, next;
    for (const std::string& form : forms)
        if (has_room(settings, settings.number, kind_of(settings, form), 1, taken))
            with_room.push_back(form);
    if (with_room.empty())
        return next;
    for (Row row :
         database.query("SELECT id, form, tickets FROM application "
                        "WHERE event = $1 AND state = 'waiting' AND form = ANY ($2::text[]) ORDER BY place",
                        {settings.number, with_room})) {
        const TicketKind& kind = kind_of(settings, row.text(1));
        if (!has_room(settings, settings.number, kind, row.number(2), taken))
            continue;
        taken[{settings.number, kind.id}] += row.number(2);
        next.push_back(row.string(0));
        if (next.size() == WaitingList::most_at_once)
            break;
    }
    return next;
}

// Without those whom staff have taken out of the list meanwhile.
std::vector<std::string> still_waiting(Database& database, const std::vector<std::string>& ids) {
    std::set<std::string> waiting;
    for (Row row :
         database.query("SELECT id FROM application WHERE id = ANY ($1::text[]) AND state = 'waiting' "
                        "ORDER BY id FOR UPDATE",
                        {ids}))
        waiting.insert(row.string(0));
    std::vector<std::string> in_order;
    for (const std::string& id : ids)
        if (waiting.contains(id))
            in_order.push_back(id);
    return in_order;
}

} // namespace

std::size_t WaitingList::move_up() {
    std::vector<std::uint32_t> events;
    for (Row row : database_.query("SELECT DISTINCT event FROM application WHERE state = 'waiting'"))
        events.push_back(static_cast<std::uint32_t>(row.number(0)));
    if (events.empty())
        return 0;
    book_.refresh(database_);
    std::size_t moved = 0;
    for (const std::uint32_t event : events)
        moved += move_up_in(event);
    return moved;
}

std::size_t WaitingList::move_up_in(std::uint32_t event) {
    const BookedEvent* booked = book_.find(event);
    if (!booked || booked->settings.state == EventState::archived)
        return 0;
    const EventSettings& settings = booked->settings;
    Transaction transaction(database_);
    database_.query("SELECT pg_advisory_xact_lock($1::integer, $2::integer)", {locks::waiting_list, event});
    const std::set<std::string> forms = awaited_forms(database_, settings);
    lock_places(database_, settings, forms);
    const TakenPlaces taken = taken_places(database_, {{event, &settings}});
    const std::vector<std::string> next =
        still_waiting(database_, next_in_line(database_, settings, forms, taken));
    const std::vector<ApplyJob> jobs = read_applications(database_, next);
    std::list<Settlement> settlements;
    std::vector<FreshApplication> moving;
    for (const ApplyJob& job : jobs) {
        const bool approval = settings.form(job.form)->approval;
        const Decision decision = approval ? Decision::awaiting_approval : Decision::issued;
        moving.push_back({job, settings,
                          settlements.emplace_back(
                              Settlement{decided_answer(job, decision), job.body_hash, {}, std::nullopt})});
    }
    change_applications(database_, signing_key_, moving, "moved_up", "there was room");
    transaction.commit();
    return moving.size();
}

std::size_t WaitingList::lapse() {
    Transaction transaction(database_);
    const Result lapsed = database_.query(
        "WITH lapsed AS ("
        "  UPDATE application SET state = 'refused', code = 'lapsed', tickets = 0, confirm_by = NULL, "
        "         decided_at = now() "
        "  WHERE id IN (SELECT id FROM application WHERE state = 'unconfirmed' AND confirm_by <= now() "
        "               ORDER BY confirm_by LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING id, event), "
        "noted AS (INSERT INTO application_change (application, kind, reason) "
        "          SELECT id, 'lapsed', 'its address was not confirmed in time' FROM lapsed) "
        "INSERT INTO cache_outbox (event, kind, application) SELECT event, 'answer', id FROM lapsed "
        "RETURNING pg_notify('mogiri_cache', '')",
        {most_at_once});
    transaction.commit();
    return static_cast<std::size_t>(lapsed.rows());
}

} // namespace mogiri::daemon
