// The correction of an application: what was typed wrongly, by the form's own rules.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// {"fields"?: {name: text}, "guests"?: [name], "reason"} of the application of the path.
CallResult correct_application(CallTools& tools, const Call& call, const json_t* arguments);
// The tickets that are to bear another name.
std::vector<std::uint64_t> corrected_to_hold(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
