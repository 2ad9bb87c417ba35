// An event's definition before it is saved.
#include "event_draft_verbs.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <digest.hpp>
#include <redis_keys.hpp>
#include <ticket_code.hpp>

#include "../mail/ticket_press.hpp"
#include "../people/accounts.hpp"
#include "../render/layout_check.hpp"
#include "ask.hpp"
#include "event_definition.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::size_t most_changes = 200;

std::filesystem::path layouts_of(CallTools& tools) {
    return tools.office.configuration().templates / "tickets";
}

// Whether the event of the path is that of the address.
bool is_event_of(CallTools& tools, const Call& call, const Ask& ask) {
    return !tools.database
                .query("SELECT FROM event WHERE number = $1 AND slug = $2", {call.event, ask.path("event")})
                .empty();
}

Texts sample_texts(Language language) {
    return {{"guest", language == Language::ja ? "山田 花子" : "Hanako Yamada"},
            {"reference", "ABCD2345"},
            {"applicant", "S2E12"},
            {"position", "1"},
            {"count", "2"}};
}

std::string name_of(const std::string& layout, const Texts& shared, Language language) {
    std::string drawn = layout;
    for (const auto& [name, text] : shared)
        drawn.append(1, '\0').append(name).append(1, '\0').append(text);
    return hex(sha256(drawn.append(language_tag(language))));
}

} // namespace

CallResult check_event(CallTools& tools, const Call& call, const json_t* arguments) {
    const Ask ask(tools, arguments);
    if (!is_event_of(tools, call, ask))
        return refusal(404, "not_found");
    auto definition = definition_in(tools, arguments);
    if (auto* fault = std::get_if<CallResult>(&definition))
        return std::move(*fault);
    const json_t* wanted = std::get<Json>(definition).get();
    if (text_of(json_object_get(wanted, "slug")) != ask.path("event"))
        return invalid("slug", "mismatch");
    Transaction never_committed(tools.database);
    act_as(tools.database, call.actor, call.origin, call.verb);
    try {
        const EventChange change = EventLedger(tools.database).store_event(wanted, true);
        const Json body(json_object());
        json_t* changes = json_array();
        json_object_set_new(body.get(), "changes", changes);
        for (std::size_t i = 0; i < std::min(change.changes.size(), most_changes); ++i)
            json_array_append_new(changes, json_of(change.changes[i]));
        json_object_set_new(body.get(), "count",
                            json_integer(static_cast<json_int_t>(change.changes.size())));
        return {200, json_text(body.get())};
    } catch (const LedgerRefusal& why) {
        return not_possible(why);
    }
}

CallResult draw_sample(CallTools& tools, const Call& call, const json_t* arguments) {
    const Ask ask(tools, arguments);
    if (!is_event_of(tools, call, ask))
        return refusal(404, "not_found");
    auto definition = definition_in(tools, arguments);
    if (auto* fault = std::get_if<CallResult>(&definition))
        return std::move(*fault);
    const EventSettings settings = EventSettings::from_json(std::get<Json>(definition).get());
    const std::string_view wanted = text_of(json_object_get(ask.query(), "kind"));
    const auto kind =
        wanted.empty() ? settings.kinds.begin() : std::ranges::find(settings.kinds, wanted, &TicketKind::id);
    if (kind == settings.kinds.end())
        return invalid("kind", "not_in_list");
    const Language language =
        language_of(text_of(json_object_get(ask.query(), "lang"))).value_or(Language::ja);
    const std::string layout = kind->layout;
    const Texts shared = shared_texts(settings, *kind);
    // What is typed elsewhere in the definition does not draw it again.
    const std::string key = redis_keys::big_answer(call.event, "sample-" + name_of(layout, shared, language));
    std::int64_t size = tools.redis.command({"STRLEN", key}).integer();
    try {
        if (size == 0) {
            const std::string no_code(ticket_code_length, 'A');
            const TicketPrinter printer(Layout::load(layouts_of(tools) / layout / "layout.toml"), shared,
                                        std::string(language_tag(language)), no_code);
            const std::string picture = printer.print(no_code, sample_texts(language));
            tools.redis.command({"SET", key, picture, "EX", big_answer_life_s});
            size = static_cast<std::int64_t>(picture.size());
        }
    } catch (const LayoutError&) {
        return invalid("kind", "invalid_format"); // changed since the definition was checked
    }
    return {200, encode(BigAnswer{key, size, "image/png"})};
}

CallResult list_layouts(CallTools& tools, const Call&, const json_t*) {
    std::set<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(layouts_of(tools), error))
        if (std::filesystem::exists(entry.path() / "layout.toml", error))
            names.insert(entry.path().filename().string());
    const Json body(json_object());
    json_t* items = json_array();
    json_object_set_new(body.get(), "items", items);
    for (const std::string& name : names) {
        json_t* one = json_object();
        json_object_set_new(one, "layout", json_of(name));
        json_array_append_new(items, one);
    }
    return {200, json_text(body.get())};
}

} // namespace mogiri::daemon
