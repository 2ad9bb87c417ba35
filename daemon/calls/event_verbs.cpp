// Events as admins make and change them.
#include "event_verbs.hpp"

#include <variant>

#include <redis_keys.hpp>

#include "../ledger/event_ledger.hpp"
#include "../ledger/event_reset.hpp"
#include "../ledger/listing.hpp"
#include "../ledger/locks.hpp"
#include "../people/accounts.hpp"
#include "ask.hpp"
#include "event_definition.hpp"
#include "resource_verbs.hpp"

namespace mogiri::daemon {

namespace {

CallResult told(CallTools& tools, const EventChange& change, std::string_view slug, int status = 200) {
    CallResult result{status, *show(tools.database, *find_resource("event"), change.number, slug)};
    result.settings = change.number;
    return result;
}

bool wants_default(const Ask& ask) {
    return text_of(json_object_get(ask.query(), "default")) == "true";
}

// Addresses without an event are everybody's: who is an admin of one event cannot take them for it.
bool may_set_default(CallTools& tools, const Call& call) {
    return !tools.database
                .query("SELECT FROM account WHERE 'account:' || number = $1 AND role = 'admin' "
                       "UNION ALL SELECT FROM api_key WHERE 'key:' || number = $1 AND event IS NULL",
                       {call.actor})
                .empty();
}

// Locks all events. Nothing: the event of the path is there, and has been seen.
std::optional<CallResult> reason_against(CallTools& tools, const Call& call, const Ask& ask,
                                         bool to_be_seen) {
    tools.database.query("SELECT pg_advisory_xact_lock($1)", {locks::events});
    const Result events = tools.database.query("SELECT version FROM event WHERE number = $1 AND slug = $2",
                                               {call.event, ask.path("event")});
    if (events.empty())
        return refusal(404, "not_found");
    return to_be_seen ? ask.unless_seen(events[0].number(0)) : std::nullopt;
}

// The event with one key changed.
CallResult with_key(CallTools& tools, const Ask& ask, const char* key, json_t* value, const char* field) {
    EventLedger ledger(tools.database);
    const StoredEvent event = ledger.stored(ask.path("event"));
    json_object_set_new(event.definition.get(), key, value);
    try {
        return told(tools, ledger.store_event(event.definition.get(), false), ask.path("event"));
    } catch (const SettingsError&) {
        return invalid(field, "not_in_list");
    }
}

struct ResetWish {
    std::string reason;
    std::optional<CallResult> against;
};

ResetWish reset_in(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string reason = ask.text("reason", 1000), confirm = ask.text("confirm");
    if (!confirm.empty() && confirm != ask.path("event"))
        ask.wrong("confirm", "mismatch");
    auto against = reason_against(tools, call, ask, false);
    if (!against)
        against = ask.fault();
    return {reason, std::move(against)};
}

} // namespace

CallResult create_event(CallTools& tools, const Call&, const json_t* arguments) {
    auto definition = definition_in(tools, arguments);
    if (auto* fault = std::get_if<CallResult>(&definition))
        return std::move(*fault);
    const json_t* wanted = std::get<Json>(definition).get();
    const std::string slug(text_of(json_object_get(wanted, "slug")));
    tools.database.query("SELECT pg_advisory_xact_lock($1)", {locks::events});
    if (!tools.database.query("SELECT FROM event WHERE slug = $1", {slug}).empty())
        return invalid("slug", "taken");
    return told(tools,
                EventLedger(tools.database).store_event(wanted, false, wants_default(Ask(tools, arguments))),
                slug, 201);
}

CallResult replace_event(CallTools& tools, const Call& call, const json_t* arguments) {
    const Ask ask(tools, arguments);
    if (wants_default(ask) && !may_set_default(tools, call))
        return {403, R"({"code":"forbidden","detail":"only an admin of all events chooses the default one"})"};
    auto definition = definition_in(tools, arguments);
    if (auto against = reason_against(tools, call, ask, true))
        return *std::move(against);
    if (auto* fault = std::get_if<CallResult>(&definition))
        return std::move(*fault);
    const json_t* wanted = std::get<Json>(definition).get();
    if (text_of(json_object_get(wanted, "slug")) != ask.path("event"))
        return invalid("slug", "mismatch");
    try {
        return told(tools, EventLedger(tools.database).store_event(wanted, false, wants_default(ask)),
                    ask.path("event"));
    } catch (const LedgerRefusal& why) {
        return not_possible(why);
    }
}

CallResult copy_event(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string slug = ask.text("slug", 63);
    if (!slug.empty() && !is_slug(slug))
        ask.wrong("slug", "invalid_format");
    if (auto fault = ask.fault())
        return *std::move(fault);
    if (auto against = reason_against(tools, call, ask, false))
        return *std::move(against);
    if (!tools.database.query("SELECT FROM event WHERE slug = $1", {slug}).empty())
        return invalid("slug", "taken");
    return told(tools, EventLedger(tools.database).copy(ask.path("event"), slug), slug, 201);
}

CallResult change_event_state(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string state = ask.choice("state", {"draft", "open", "closed", "archived"});
    if (auto fault = ask.fault())
        return *std::move(fault);
    if (auto against = reason_against(tools, call, ask, true))
        return *std::move(against);
    return told(tools, EventLedger(tools.database).change_state(ask.path("event"), state), ask.path("event"));
}

CallResult force_event_day(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    if (!ask.value("day"))
        ask.wrong("day", "missing");
    const auto day = ask.maybe_number("day", 0, 255);
    if (auto fault = ask.fault())
        return *std::move(fault);
    if (auto against = reason_against(tools, call, ask, true))
        return *std::move(against);
    return with_key(tools, ask, "forced_day", json_integer(*day), "day");
}

CallResult reset_use(CallTools& tools, const Call& call, const json_t* arguments) {
    ResetWish wish = reset_in(tools, call, arguments);
    if (wish.against)
        return *std::move(wish.against);
    // What is on its way into the ledger would stay.
    if (tools.redis.command({"XLEN", redis_keys::scans(call.event)}).integer() > 0)
        return refusal(503, "busy", 1);
    note_deed(tools.database, "event " + std::to_string(call.event) + ", use of all tickets: " + wish.reason);
    const std::int64_t tickets = EventReset(tools.database).give_back(call.event, wish.reason);
    return {200, "{\"tickets\":" + std::to_string(tickets) + "}"};
}

CallResult reset_counts(CallTools& tools, const Call& call, const json_t* arguments) {
    ResetWish wish = reset_in(tools, call, arguments);
    if (wish.against)
        return *std::move(wish.against);
    note_deed(tools.database,
              "event " + std::to_string(call.event) + ", counts of all applicants: " + wish.reason);
    const std::int64_t applications = EventReset(tools.database).forget_counts(call.event);
    return {200, "{\"applications\":" + std::to_string(applications) + "}"};
}

} // namespace mogiri::daemon
