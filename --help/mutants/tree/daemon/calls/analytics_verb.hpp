// What staff ask about an event as a whole.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// Arguments, texts, themselves or as the "query" of the API, all optional: "from", "to", "by", "form", "class", "kind", "gate". Answers what
// `mogirictl analytics --json` prints; 422 {"code":"invalid","field","detail"} for what the event has not.
CallResult show_analytics(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
