// Events in the ledger, as mogirictl writes them.
#include "event_ledger.hpp"

#include <algorithm>

#include "json_changes.hpp"
#include "locks.hpp"

namespace mogiri::daemon {

namespace {

// Where the door numbers by place, what has tickets must keep its place.
void refuse_lost_kinds(Database& database, const EventSettings& before, const EventSettings& after) {
    for (Row row : database.query("SELECT DISTINCT kind FROM ticket WHERE event = $1", {before.number})) {
        const auto had = std::ranges::find(before.kinds, row.text(0), &TicketKind::id);
        const auto has = std::ranges::find(after.kinds, row.text(0), &TicketKind::id);
        if (has == after.kinds.end())
            throw LedgerRefusal("kind \"" + row.string(0) + "\" has tickets and cannot be removed");
        if (had - before.kinds.begin() != has - after.kinds.begin())
            throw LedgerRefusal(
                "kind \"" + row.string(0) +
                "\" has tickets and must keep its place in the list of kinds; add new ones at the end");
    }
}

void refuse_lost_gates(Database& database, std::uint32_t event, const EventSettings& after) {
    for (Row row : database.query(
             "SELECT name, gate FROM device WHERE event = $1 AND revoked_at IS NULL AND gate <> 0", {event}))
        if (!after.gate_numbered(static_cast<std::uint16_t>(row.number(1))))
            throw LedgerRefusal("gate " + row.string(1) + " has device \"" + row.string(0) +
                                "\" and cannot be removed");
}

void owe_settings(Database& database, std::uint32_t event) {
    database.query("INSERT INTO cache_outbox (event, kind) VALUES ($1, 'settings')", {event});
}

// A ticket's record holds its kind's allowance.
void owe_tickets(Database& database, const EventSettings& before, const EventSettings& after) {
    std::vector<std::string> kinds;
    for (const TicketKind& kind : after.kinds) {
        const auto had = std::ranges::find(before.kinds, kind.id, &TicketKind::id);
        if (had != before.kinds.end() && had->allowance != kind.allowance)
            kinds.push_back(kind.id);
    }
    if (kinds.empty())
        return;
    database.query(
        "WITH changed AS (UPDATE ticket SET version = version + 1 "
        "                 WHERE event = $1 AND kind = ANY ($2::text[]) RETURNING event, serial) "
        "INSERT INTO cache_outbox (event, kind, serial) SELECT event, 'ticket', serial FROM changed",
        {before.number, kinds});
}

void lock_events(Database& database) {
    database.query("SELECT pg_advisory_xact_lock($1)", {locks::events});
}

void wake_publisher(Database& database) {
    database.query("SELECT pg_notify('mogiri_cache', '')");
}

void make_default_event(Database& database, std::uint32_t event) {
    for (Row row : database.query("UPDATE event SET is_default = false, version = version + 1 "
                                  "WHERE is_default AND number <> $1 RETURNING number",
                                  {event}))
        owe_settings(database, static_cast<std::uint32_t>(row.number(0)));
    database.query("UPDATE event SET is_default = true WHERE number = $1", {event});
}

EventChange create(Database& database, const EventSettings& settings, const json_t* definition,
                   bool make_default) {
    EventChange change;
    change.created = true;
    change.changes.push_back("event \"" + settings.slug + "\": added");
    const Result rows = database.query(
        "INSERT INTO event (number, slug, definition) "
        "SELECT coalesce(max(number), 0) + 1, $1, $2::jsonb FROM event RETURNING number, version",
        {settings.slug, json_text(definition)});
    change.number = static_cast<std::uint32_t>(rows[0].number(0));
    change.version = static_cast<std::uint64_t>(rows[0].number(1));
    if (make_default || database.query("SELECT FROM event WHERE is_default").empty())
        make_default_event(database, change.number);
    return change;
}

EventChange alter(Database& database, Row row, EventSettings after, const json_t* definition,
                  bool make_default) {
    EventChange change;
    change.number = static_cast<std::uint32_t>(row.number(0));
    change.version = static_cast<std::uint64_t>(row.number(1));
    change.changes = json_changes(parse_json(row.text(3)).get(), definition);
    const bool becomes_default = make_default && !row.truth(2);
    if (becomes_default)
        change.changes.emplace_back("default: false -> true");
    if (change.changes.empty())
        return change;

    EventSettings before = EventSettings::parse(row.text(3));
    before.number = after.number = change.number;
    refuse_lost_kinds(database, before, after);
    refuse_lost_gates(database, change.number, after);
    if (becomes_default)
        make_default_event(database, change.number);
    change.version = static_cast<std::uint64_t>(
        database
            .query("UPDATE event SET definition = $2::jsonb, version = version + 1, updated_at = now(), "
                   "state_since = CASE WHEN $3 THEN now() ELSE state_since END WHERE number = $1 RETURNING "
                   "version",
                   {change.number, json_text(definition), before.state != after.state})[0]
            .number(0));
    owe_tickets(database, before, after);
    return change;
}

} // namespace

EventChange EventLedger::store_event(const json_t* definition, bool dry_run, bool make_default) {
    Transaction transaction(database_);
    const EventChange change = store_locked(definition, make_default);
    if (!dry_run)
        transaction.commit();
    return change;
}

EventChange EventLedger::store_locked(const json_t* definition, bool make_default) {
    const EventSettings settings = EventSettings::from_json(definition);
    lock_events(database_);
    const Result rows = database_.query(
        "SELECT number, version, is_default, definition FROM event WHERE slug = $1", {settings.slug});
    EventChange change = rows.empty() ? create(database_, settings, definition, make_default)
                                      : alter(database_, rows[0], settings, definition, make_default);
    if (!change.changes.empty()) {
        owe_settings(database_, change.number);
        wake_publisher(database_);
    }
    return change;
}

StoredEvent EventLedger::stored(std::string_view slug) {
    const Result rows =
        database_.query("SELECT number, version, is_default, definition FROM event WHERE slug = $1", {slug});
    if (rows.empty())
        throw LedgerRefusal("there is no event \"" + std::string(slug) +
                            "\"; mogirictl event list names them");
    return {static_cast<std::uint32_t>(rows[0].number(0)), static_cast<std::uint64_t>(rows[0].number(1)),
            rows[0].truth(2), parse_json(rows[0].text(3))};
}

EventChange EventLedger::change_state(std::string_view slug, std::string_view state) {
    Transaction transaction(database_);
    lock_events(database_);
    const StoredEvent event = stored(slug);
    if (EventSettings::from_json(event.definition.get()).state != EventSettings::state_named(state))
        json_object_set_new(event.definition.get(), "state", json_of(state));
    EventChange change = store_locked(event.definition.get(), false);
    transaction.commit();
    return change;
}

EventChange EventLedger::copy(std::string_view slug, const std::string& new_slug) {
    Transaction transaction(database_);
    lock_events(database_);
    const StoredEvent event = stored(slug);
    json_object_set_new(event.definition.get(), "slug", json_of(new_slug));
    json_object_set_new(event.definition.get(), "state", json_string("draft"));
    EventChange change = store_locked(event.definition.get(), false);
    if (!change.created && !change.changes.empty())
        throw LedgerRefusal("there is an event \"" + new_slug +
                            "\" already, and it differs; choose another slug, or change it by event apply");
    transaction.commit();
    return change;
}

} // namespace mogiri::daemon
