// Events as admins make and change them; but for a new one, the event of the path is the event of the
// address.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// The event file as JSON, or its text as {"toml"}; query "default": "true". Every fault is told with its key.
CallResult create_event(CallTools& tools, const Call& call, const json_t* arguments);
// The same in place of the event of the path, If-Match.
CallResult replace_event(CallTools& tools, const Call& call, const json_t* arguments);
// {"slug"}: a draft that is like it.
CallResult copy_event(CallTools& tools, const Call& call, const json_t* arguments);
// {"state"}: draft, open, closed or archived; If-Match.
CallResult change_event_state(CallTools& tools, const Call& call, const json_t* arguments);
// {"day"}: the current one whatever the clock says; 0: by the clock. If-Match.
CallResult force_event_day(CallTools& tools, const Call& call, const json_t* arguments);
// {"confirm": the slug, "reason"}. Answers {"tickets"}, {"applications"}: how many.
CallResult reset_use(CallTools& tools, const Call& call, const json_t* arguments);
CallResult reset_counts(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
