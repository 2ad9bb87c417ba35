// Listing and showing: the verbs "<name>.list" and "<name>.look" of every resource.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

CallResult list_resource(CallTools& tools, const Call& call, const json_t* arguments);
CallResult show_resource(CallTools& tools, const Call& call, const json_t* arguments);

// The answer to a write: the thing as it is now.
CallResult as_shown(CallTools& tools, const Call& call, std::string_view resource, std::string_view key,
                    int status = 200);

} // namespace mogiri::daemon
