// What an organiser sees of an event's definition before it is saved: what would change, and a ticket of it.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// {"changes":["form[0].limit: 2 -> 10"],"count"}; nothing is written. Refuses what replace_event() would
// refuse.
CallResult check_event(CallTools& tools, const Call& call, const json_t* arguments);
// A sample ticket of the kind that the query names, as PNG, in the language that it names. Its code opens no
// door.
CallResult draw_sample(CallTools& tools, const Call& call, const json_t* arguments);
// {"items":[{"layout"}]}: the folders of templates/tickets/.
CallResult list_layouts(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
