// What can be called: one table of verbs and the functions that carry them out.
#include "verbs.hpp"

#include <algorithm>
#include <array>

#include "analytics_verb.hpp"
#include "applicant_verbs.hpp"
#include "session_verbs.hpp"
#include "ticket_verbs.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::array table = {
    Verb{"application.find", true, find_applications},
    Verb{"application.show", false, show_application},
    Verb{"application.resend", true, resend_tickets},
    Verb{"application.confirm", true, confirm_address},
    Verb{"ticket.image", false, draw_ticket},
    Verb{"ticket.rename", true, rename_ticket},
    Verb{"ticket.return", true, return_ticket},
    Verb{"session.login", false, log_in},
    Verb{"session.logout", false, log_out},
    Verb{"session.list", false, list_sessions},
    Verb{"session.end", false, end_session},
    Verb{"me.show", false, show_me},
    Verb{"password.change", false, change_password},
    Verb{"password.forget", false, forget_password},
    Verb{"password.set", false, set_password},
    Verb{"key.admit", false, admit_key},
    Verb{"analytics", false, show_analytics},
};

} // namespace

CallResult refusal(int status, std::string_view code, std::int64_t retry_after) {
    const Json body(json_object());
    json_object_set_new(body.get(), "code", json_of(code));
    if (retry_after > 0)
        json_object_set_new(body.get(), "retry_after", json_integer(retry_after));
    return {status, json_text(body.get())};
}

const Verb* find_verb(std::string_view name) {
    const auto verb = std::ranges::find(table, name, &Verb::name);
    return verb == table.end() ? nullptr : &*verb;
}

} // namespace mogiri::daemon
