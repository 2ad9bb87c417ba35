// What the door says about a scan, in the words of the API, of the old API, and of people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/contract/checkin.hpp"
#include "daemon/contract/event_settings.hpp"
#include "daemon/contract/json_owner.hpp"
#include "http/json_text.hpp"
#include "http/problem.hpp"

namespace mogiri::module {

struct Verdict {
    CheckinReply reply;
    std::uint8_t day = 0;
    const EventSettings* ticket_event = nullptr; // of a ticket for another event that is known; outlives the verdict
};

// {"outcome","reason"?,"repeat"?,"double_read"?,"ticket"?,"left"?,…,"message"}. Refusals of codes that are
// not ours are alike, whether their MAC is wrong or no ticket is known.
Json verdict_object(const Verdict& verdict, const EventSettings& settings, Language language);
std::string verdict_json(const Verdict& verdict, const EventSettings& settings, Language language);
// The same into an object that was just begun.
void write_verdict(JsonText& json, const Verdict& verdict, const EventSettings& settings, Language language);

// {"result":"success"|"error","msg","code":200|400|404}
std::string old_verdict_json(const Verdict& verdict, Language language);

// {"result":<people>,"msg","code":200} from a day's totals, "<entered> <exited> <inside>" or "" for none.
std::string old_total_json(std::string_view totals, Direction direction, Language language);

// For the person at the door.
std::string verdict_message(const Verdict& verdict, Language language);

// 503: Redis is away, slow or not ready. `signature`: what is known of the code nevertheless, "valid" or
// "unknown".
Problem degraded(Language language, std::string_view signature = "valid");

// RFC 3339 in UTC with milliseconds.
class Timestamp {
  public:
    explicit Timestamp(std::int64_t milliseconds);
    operator std::string_view() const { return {text_, size_}; }

  private:
    char text_[32];
    std::size_t size_;
};

} // namespace mogiri::module
