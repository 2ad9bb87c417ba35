// What staff ask about an event as a whole.
#include "analytics_verb.hpp"

#include <algorithm>
#include <array>

#include "../cache/live_totals.hpp"
#include "../ledger/analytics.hpp"
#include "ask.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::array<std::string_view, 7> known = {"from", "to", "by", "form", "class", "kind", "gate"};

} // namespace

CallResult show_analytics(CallTools& tools, const Call& call, const json_t* arguments) {
    const BookedEvent* event = tools.book.find(call.event);
    if (!event)
        return refusal(404, "not_found");
    const json_t* query = json_object_get(arguments, "query"); // as the API asks
    const char* unknown = nullptr;
    json_t* ignored = nullptr;
    json_object_foreach(const_cast<json_t*>(query), unknown, ignored) {
        if (std::ranges::find(known, std::string_view(unknown)) == known.end())
            return invalid(unknown, "unknown_field");
    }
    const auto text = [&](const char* name) {
        return std::string(text_of(json_object_get(query ? query : arguments, name)));
    };
    const AnalyticsWish wish{text("from"),  text("to"),   text("by"),  text("form"),
                             text("class"), text("kind"), text("gate")};
    if (const auto fault = fault_of(wish, event->settings)) {
        const Json body(json_object());
        json_object_set_new(body.get(), "code", json_of("invalid"));
        json_object_set_new(body.get(), "field", json_of(fault->field));
        json_object_set_new(body.get(), "detail", json_of(fault->remedy));
        json_object_set_new(body.get(), "errors",
                            json_pack("[{s:o, s:s}]", "field", json_of(fault->field), "code", "not_in_list"));
        return {422, json_text(body.get())};
    }
    const Json figures = parse_json(analytics(tools.database, call.event, wish));
    json_object_set_new(figures.get(), "live", live_figures(tools.redis, event->settings).release());
    return {200, json_text(figures.get())};
}

} // namespace mogiri::daemon
