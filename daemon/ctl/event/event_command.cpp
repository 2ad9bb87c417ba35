// `mogirictl event …`: an organiser's file becomes the event, and what events there are.
#include "ctl/event/event_command.hpp"

#include <cstdio>
#include <iostream>
#include <set>

#include <redis_keys.hpp>
#include <ticket_code.hpp>

#include "ctl/exit_status.hpp"
#include "ctl/print_json.hpp"
#include "ctl/publication.hpp"
#include "event_file.hpp"
#include "event_file_text.hpp"
#include "ledger/event_ledger.hpp"
#include "ledger/event_reset.hpp"
#include "people/accounts.hpp"
#include "redis.hpp"
#include "render/layout_check.hpp"

namespace mogiri::daemon {

namespace {

void print_json(const std::string& slug, const EventChange& change, bool dry_run) {
    Json lines(json_array());
    for (const std::string& line : change.changes)
        json_array_append_new(lines.get(), json_string(line.c_str()));
    Json document(json_object());
    json_object_set_new(document.get(), "event", json_integer(change.number));
    json_object_set_new(document.get(), "slug", json_string(slug.c_str()));
    json_object_set_new(document.get(), "version", json_integer(static_cast<json_int_t>(change.version)));
    json_object_set_new(document.get(), "created", json_boolean(change.created));
    json_object_set_new(document.get(), "dry_run", json_boolean(dry_run));
    json_object_set_new(document.get(), "changes", lines.release());
    print(document);
}

void print_text(const std::string& slug, const EventChange& change, bool dry_run) {
    const char* would = dry_run ? "would be " : "";
    if (change.created)
        std::cout << "event " << slug << " " << would << "created\n";
    else if (change.changes.empty())
        std::cout << "event " << slug << " is like that already; nothing changed\n";
    else
        std::cout << "event " << slug << " " << would << "changed:\n";
    if (!change.created)
        for (const std::string& line : change.changes)
            std::cout << "  " << line << '\n';
}

void tell(const std::string& slug, const EventChange& change, bool json, bool dry_run = false) {
    json ? print_json(slug, change, dry_run) : print_text(slug, change, dry_run);
}

// Found here rather than when the first ticket is drawn.
void require_layouts(const std::filesystem::path& layouts, const EventSettings& settings) {
    std::set<std::string> good;
    for (const TicketKind& kind : settings.kinds) {
        const std::string key = "kind \"" + kind.id + "\": layout = \"" + kind.layout + "\": ";
        if (std::error_code error; !std::filesystem::is_directory(layouts / kind.layout, error))
            throw CommandFailure(ExitStatus::input,
                                 key + layouts.string() + " has no such folder; name one that is there");
        try {
            if (good.insert(kind.layout).second)
                require_printable(layouts / kind.layout / "layout.toml",
                                  std::string(ticket_code_length, 'A'));
        } catch (const LayoutError& error) {
            throw CommandFailure(ExitStatus::input, key + error.what());
        }
    }
}

} // namespace

void apply_event(const Configuration& configuration, const EventApply& wish) {
    EventFile file = EventFile::load(wish.file);
    require_layouts(configuration.templates / "tickets", file.settings());
    if (wish.force_day)
        file.force_day(*wish.force_day);
    if (wish.form_seconds)
        file.set_form_seconds(*wish.form_seconds);

    Database database = open_ledger(configuration);
    EventLedger ledger(database);
    const EventChange change = ledger.store_event(file.definition(), wish.dry_run, wish.make_default);
    tell(file.settings().slug, change, wish.json, wish.dry_run);
    if (!wish.dry_run)
        await_publication(ledger, change.number);
}

void list_events(const Configuration& configuration, bool json) {
    Database database = open_ledger(configuration);
    const std::vector<EventRow> events = EventLedger(database).events();
    if (json) {
        Json list(json_array());
        for (const EventRow& event : events)
            json_array_append_new(
                list.get(), json_pack("{s:i, s:s, s:I, s:b}", "event", static_cast<int>(event.number), "slug",
                                      event.slug.c_str(), "version", static_cast<json_int_t>(event.version),
                                      "default", event.is_default));
        print(list);
        return;
    }
    if (events.empty())
        std::cout << "no event yet: mogirictl event apply FILE makes one\n";
    for (const EventRow& event : events)
        std::printf("%6u  version %-6llu  %s%s\n", event.number,
                    static_cast<unsigned long long>(event.version), event.slug.c_str(),
                    event.is_default ? "  (default)" : "");
}

void show_event(const Configuration& configuration, const EventShow& wish) {
    Database database = open_ledger(configuration);
    const StoredEvent event = EventLedger(database).stored(wish.slug);
    if (wish.json)
        print(Json(json_pack("{s:i, s:s, s:I, s:b, s:O}", "event", static_cast<int>(event.number), "slug",
                             wish.slug.c_str(), "version", static_cast<json_int_t>(event.version), "default",
                             event.is_default, "definition", event.definition.get())));
    else
        std::cout << "# event " << event.number << ", version " << event.version << '\n'
                  << event_file_text(event.definition.get());
}

void copy_event(const Configuration& configuration, const EventCopy& wish) {
    Database database = open_ledger(configuration);
    EventLedger ledger(database);
    const EventChange change = ledger.copy(wish.slug, wish.new_slug);
    tell(wish.new_slug, change, wish.json);
    await_publication(ledger, change.number);
}

void change_state(const Configuration& configuration, const EventStep& wish) {
    Database database = open_ledger(configuration);
    EventLedger ledger(database);
    const EventChange change = ledger.change_state(wish.slug, wish.state);
    tell(wish.slug, change, wish.json);
    await_publication(ledger, change.number);
}

void force_day(const Configuration& configuration, const EventDayWish& wish) {
    Database database = open_ledger(configuration);
    EventLedger ledger(database);
    Transaction transaction(database);
    const StoredEvent event = ledger.stored(wish.slug);
    json_object_set_new(event.definition.get(), "forced_day", json_integer(wish.day));
    const EventChange change = ledger.store_event(event.definition.get(), false);
    transaction.commit();
    tell(wish.slug, change, wish.json);
    await_publication(ledger, change.number);
}

namespace {

void require_confirmation(const EventResetWish& wish) {
    if (wish.confirm != wish.slug)
        throw CommandFailure(ExitStatus::usage, "--confirm must be the event's slug once more");
}

void tell_reset(const EventResetWish& wish, const char* things, std::int64_t count) {
    if (wish.json)
        print(Json(json_pack("{s:I}", things, static_cast<json_int_t>(count))));
    else
        std::cout << count << ' ' << things << " begin anew\n";
}

} // namespace

void reset_event_use(const Configuration& configuration, const EventResetWish& wish) {
    require_confirmation(wish);
    Database database = open_ledger(configuration);
    EventLedger ledger(database);
    const std::uint32_t event = ledger.number_of(wish.slug);
    Redis redis(configuration.redis);
    if (!await([&] { return redis.command({"XLEN", redis_keys::scans(event)}).integer() == 0; }))
        throw CommandFailure(ExitStatus::wrong, "scans wait for the ledger; say it again when mogirid runs");
    Transaction transaction(database);
    note_deed(database, "event " + std::to_string(event) + ", use of all tickets: " + wish.reason);
    const std::int64_t tickets = EventReset(database).give_back(event, wish.reason);
    transaction.commit();
    tell_reset(wish, "tickets", tickets);
    await_publication(ledger, event);
}

void reset_event_counts(const Configuration& configuration, const EventResetWish& wish) {
    require_confirmation(wish);
    Database database = open_ledger(configuration);
    const std::uint32_t event = EventLedger(database).number_of(wish.slug);
    Transaction transaction(database);
    note_deed(database, "event " + std::to_string(event) + ", counts of all applicants: " + wish.reason);
    const std::int64_t applications = EventReset(database).forget_counts(event);
    transaction.commit();
    tell_reset(wish, "applications", applications);
}

} // namespace mogiri::daemon
