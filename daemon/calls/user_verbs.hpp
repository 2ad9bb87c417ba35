// Accounts as admins change them.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// {"name","email","language"?,"roles":[{"role","event"?}],"invite"?}: with an invitation by mail, unless it
// says no.
CallResult create_user(CallTools& tools, const Call& call, const json_t* arguments);
// {"name"?,"email"?,"language"?,"roles"?,"disabled"?}, If-Match; ends the account's sessions.
CallResult change_user(CallTools& tools, const Call& call, const json_t* arguments);
// A mail with a link to set a password.
CallResult invite_user(CallTools& tools, const Call& call, const json_t* arguments);
// Links that were mailed and not used yet lead nowhere any more.
CallResult withdraw_invitation(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
