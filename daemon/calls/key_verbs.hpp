// Programs' keys as admins make, rename and revoke them.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// {"name","role","scopes","event"?,"days"?}, and the hash of the key that nginx has made and tells, once.
CallResult create_key(CallTools& tools, const Call& call, const json_t* arguments);
// {"name"}, If-Match.
CallResult change_key(CallTools& tools, const Call& call, const json_t* arguments);
CallResult revoke_key(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
