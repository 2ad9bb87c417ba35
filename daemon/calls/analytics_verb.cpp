// What staff ask about an event as a whole.
#include "analytics_verb.hpp"

#include "../ledger/analytics.hpp"

namespace mogiri::daemon {

CallResult show_analytics(CallTools& tools, const Call& call, const json_t* arguments) {
    const BookedEvent* event = tools.book.find(call.event);
    if (!event)
        return refusal(404, "not_found");
    const auto text = [&](const char* name) {
        return std::string(text_of(json_object_get(arguments, name)));
    };
    const AnalyticsWish wish{text("from"),  text("to"),   text("by"),  text("form"),
                             text("class"), text("kind"), text("gate")};
    if (const auto fault = fault_of(wish, event->settings)) {
        const Json body(json_object());
        json_object_set_new(body.get(), "code", json_of("invalid"));
        json_object_set_new(body.get(), "field", json_of(fault->field));
        json_object_set_new(body.get(), "detail", json_of(fault->remedy));
        return {422, json_text(body.get())};
    }
    return {200, analytics(tools.database, call.event, wish)};
}

} // namespace mogiri::daemon
