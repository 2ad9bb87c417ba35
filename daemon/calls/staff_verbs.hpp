// What admins change: applications, tickets, mails, devices, an event's state. {"reason"} says why, where it
// is kept.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

CallResult cancel_application(CallTools& tools, const Call& call, const json_t* arguments);
CallResult approve_application(CallTools& tools, const Call& call, const json_t* arguments);
CallResult reject_application(CallTools& tools, const Call& call, const json_t* arguments);
CallResult revoke_ticket(CallTools& tools, const Call& call, const json_t* arguments);
// The ticket that is to be replaced.
std::vector<std::uint64_t> reissue_to_hold(CallTools& tools, const Call& call, const json_t* arguments);
CallResult reissue_ticket(CallTools& tools, const Call& call, const json_t* arguments);
CallResult resend_mail(CallTools& tools, const Call& call, const json_t* arguments);
// {"state"}: draft, open, closed or archived.
CallResult change_event_state(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
