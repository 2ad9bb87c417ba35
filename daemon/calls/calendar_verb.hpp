// An application's days for its applicant's calendar.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// Argument "language". Answers a big answer, text/calendar that Redis keeps for a minute; 404 when no ticket
// is valid.
CallResult draw_calendar(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
