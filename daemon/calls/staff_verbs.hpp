// What admins change: applications, tickets, mails, devices, an event's state. {"reason"} says why, where it
// is kept.
#pragma once

#include "../ledger/ticket_ledger.hpp"
#include "ask.hpp"
#include "verbs.hpp"

namespace mogiri::daemon {

// The ticket of the path; serial 0: the event has none of that number. Not locked: applications are locked
// before tickets.
TicketRow ticket_in(CallTools& tools, const Call& call, const Ask& ask);
// Why a ticket cannot be revoked or replaced.
std::optional<CallResult> reason_against(const TicketRow& ticket);
// The ticket of the path is revoked, and another one has its place and its use. `guest`: none: the same.
CallResult replace_ticket(CallTools& tools, const Call& call, const Ask& ask, std::string_view reason,
                          const std::optional<std::string>& guest);

CallResult cancel_application(CallTools& tools, const Call& call, const json_t* arguments);
CallResult approve_application(CallTools& tools, const Call& call, const json_t* arguments);
CallResult reject_application(CallTools& tools, const Call& call, const json_t* arguments);
CallResult revoke_ticket(CallTools& tools, const Call& call, const json_t* arguments);
// The ticket that is to be replaced.
std::vector<std::uint64_t> reissue_to_hold(CallTools& tools, const Call& call, const json_t* arguments);
CallResult reissue_ticket(CallTools& tools, const Call& call, const json_t* arguments);
CallResult resend_mail(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
