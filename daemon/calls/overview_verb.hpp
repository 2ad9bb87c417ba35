// What stands where at an event: the figures of the organisers' first page.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// No arguments. Answers {"applications", "tickets", "mails": numbers by state, "oldest_mail_s", "gates": when each was last
// heard of, "alerts": those that are open, of all events}. Test tickets and their applications are not counted.
CallResult show_overview(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
