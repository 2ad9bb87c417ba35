#include "calendar_verb.hpp"

#include <chrono>

#include <redis_keys.hpp>

#include "../ledger/applicant_ledger.hpp"
#include "../mail/calendar.hpp"
#include "../mail/event_texts.hpp"
#include "applicant_verbs.hpp"

namespace mogiri::daemon {

CallResult draw_calendar(CallTools& tools, const Call& call, const json_t* arguments) {
    using namespace std::chrono;
    const std::string id = application_of(call);
    const BookedEvent* event = tools.book.find(call.event);
    if (!event)
        return refusal(404, "not_found");
    const EventSettings& settings = event->settings;
    CalendarFacts facts{id,
                        status_url(tools.office.configuration().server_url, settings, id),
                        {},
                        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
    for (const HeldTicket& ticket : ApplicantLedger(tools.database).tickets(call.event, id))
        if (ticket.state == "valid")
            facts.kinds.push_back(ticket.kind);
    const Language language =
        language_of(text_of(json_object_get(arguments, "language"))).value_or(Language::ja);
    const std::string calendar = calendar_of(settings, facts, language);
    if (calendar.empty())
        return refusal(404, "not_found");
    const std::string key =
        redis_keys::big_answer(call.event, "calendar-" + id + "-" + std::string(language_tag(language)));
    tools.redis.command({"SET", key, calendar, "EX", big_answer_life_s});
    return {200, encode(BigAnswer{key, static_cast<std::int64_t>(calendar.size()),
                                  "text/calendar; charset=utf-8"})};
}

} // namespace mogiri::daemon
