// The offline bundle, as scanners ask for it.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// Arguments: "since", a version that the scanner has, wanted are the changes since; "known", one that it
// would have again in full. 304 where nothing has changed since the one or the other.
CallResult bundle_tickets(CallTools& tools, const Call& call, const json_t* arguments);
CallResult bundle_names(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
