// What staff do with tickets at a table: find one, look at its picture, give more, correct names, give uses
// back, mail them again. {"reason"} says why, where it changes a ticket.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// {"guests":[…],"reason"}: more tickets for the application of the path. Answers {"items":[…]}.
CallResult issue_tickets(CallTools& tools, const Call& call, const json_t* arguments);
// {"day"?,"reason"}: one admission of the day, or of the last day with one, is given back.
CallResult restore_ticket(CallTools& tools, const Call& call, const json_t* arguments);
// {"name","reason"}: replaced by one with that name and the same use; what is to be held: reissue_to_hold.
CallResult correct_ticket(CallTools& tools, const Call& call, const json_t* arguments);
// {"code"}, sealed: ours, or one of the system before.
CallResult find_ticket(CallTools& tools, const Call& call, const json_t* arguments);
// Query "language"; a big answer.
CallResult draw_ticket_of_staff(CallTools& tools, const Call& call, const json_t* arguments);
// Query also "paper": "a4" (if not given) or "own".
CallResult draw_pdf_of_staff(CallTools& tools, const Call& call, const json_t* arguments);
// The path names an applicant, and a place among all tickets that were ever theirs, from 1 on.
CallResult show_applicants_ticket(CallTools& tools, const Call& call, const json_t* arguments);
// A mail for each application of the path's applicant. Answers {"mails": n}.
CallResult resend_to_applicant(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
