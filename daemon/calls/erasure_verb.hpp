// Erasing one person's data, as admins order it.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// The answer tells what goes; erasure.look tells when it is gone everywhere.
CallResult erase_person(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
