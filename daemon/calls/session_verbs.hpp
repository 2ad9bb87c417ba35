// Logging in and out, and what somebody who is logged in does with sessions and passwords.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// {"login","password"}. Answers as show_me does. 401 "bad_login" says no more than that it was one of both.
CallResult log_in(CallTools& tools, const Call& call, const json_t* arguments);
CallResult log_out(CallTools& tools, const Call& call, const json_t* arguments);
// {"name","email","language","version","roles":[{"role","event"?}]}
CallResult show_me(CallTools& tools, const Call& call, const json_t* arguments);
// {"items":[{"session","started_at","origin","current"}]}
CallResult list_sessions(CallTools& tools, const Call& call, const json_t* arguments);
CallResult end_session(CallTools& tools, const Call& call, const json_t* arguments);
// Another's, for who looks after the accounts; all of them, or one.
CallResult list_sessions_of_user(CallTools& tools, const Call& call, const json_t* arguments);
CallResult end_session_of_user(CallTools& tools, const Call& call, const json_t* arguments);
CallResult end_sessions_of_user(CallTools& tools, const Call& call, const json_t* arguments);

// {"password","new_password"}: ends all sessions and begins another.
CallResult change_password(CallTools& tools, const Call& call, const json_t* arguments);
// {"login"}: a link by mail, if there is such an account; the answer tells nobody.
CallResult forget_password(CallTools& tools, const Call& call, const json_t* arguments);
// {"token","new_password"}: by the link of a mail, once.
CallResult set_password(CallTools& tools, const Call& call, const json_t* arguments);

// What a worker asks about a program's key that Redis does not know: {"hash"}.
CallResult admit_key(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
