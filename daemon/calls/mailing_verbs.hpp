// Mass sendings of tickets, as admins order and hold them up.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// {"form"?,"kind"?,"mail_state"?,"again"?,"rate"?,"dry_run"?}. 201 and the mailing; of a dry run 200 {"mails"}. 409
// `mailing_open` while the event has another, `no_tickets` when there is nobody to write to.
CallResult order_mailing(CallTools& tools, const Call& call, const json_t* arguments);

// {"state"?,"rate"?} of the mailing of the path: paused, running, cancelled. 409 `mail_ended` at its end.
CallResult change_mailing(CallTools& tools, const Call& call, const json_t* arguments);

// The tickets of the application that has the ticket of the path are mailed again.
CallResult resend_ticket(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
