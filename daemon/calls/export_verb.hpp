// What staff take away: exports, streamed.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// Of the verb "export.<subject>", with "format" and "day" in the query. Noted in the audit log before anybody
// gets a byte.
CallResult stream_export(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
