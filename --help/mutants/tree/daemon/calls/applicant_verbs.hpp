// What applicants do after applying; the actor "application:<id>" is whoever knows the status address.
#pragma once

#include "verbs.hpp"

namespace mogiri::daemon {

// The application that the caller has the address of. Throws std::invalid_argument for another actor.
std::string application_of(const Call& call);

// No arguments. Answers {"application","state","code"?,"form","resend_after","mail"?,"tickets":[…]}.
CallResult show_application(CallTools& tools, const Call& call, const json_t* arguments);

// The actor is any visitor; argument "address", normalised. Mails the links to all of the address's
// applications, unless it did a moment ago. Answers {} always.
CallResult find_applications(CallTools& tools, const Call& call, const json_t* arguments);

// No arguments. Answers {"application","mail"}; of an unconfirmed one the mail has the link that confirms it.
CallResult resend_tickets(CallTools& tools, const Call& call, const json_t* arguments);

// No arguments; nginx has checked the link. Judges the application by all rules as they are now, and answers
// {"application","state"}; of one that was confirmed before, how it stands.
CallResult confirm_address(CallTools& tools, const Call& call, const json_t* arguments);

} // namespace mogiri::daemon
