// Mass sendings of tickets, as admins order and hold them up.
#include "mailing_verbs.hpp"

#include <algorithm>
#include <initializer_list>

#include "../ledger/applicant_ledger.hpp"
#include "../ledger/event_ledger.hpp"
#include "../ledger/mailing_ledger.hpp"
#include "ask.hpp"
#include "resource_verbs.hpp"
#include "staff_verbs.hpp"

namespace mogiri::daemon {

namespace {

// One of them, or nothing when it was not said.
std::optional<std::string> maybe_choice(Ask& ask, const char* name,
                                        std::initializer_list<std::string_view> choices) {
    auto said = ask.maybe_text(name);
    if (said && std::ranges::find(choices, *said) == choices.end())
        ask.wrong(name, "not_in_list");
    return said;
}

MailingWish wish_in(CallTools& tools, const Call& call, Ask& ask) {
    MailingWish wish;
    wish.event = call.event;
    wish.form = ask.maybe_text("form").value_or("");
    wish.kind = ask.maybe_text("kind").value_or("");
    wish.mail_state = maybe_choice(ask, "mail_state", {"none", "sent", "failed", "suppressed"}).value_or("");
    wish.again = ask.maybe_truth("again").value_or(false);
    wish.rate = static_cast<int>(
        ask.maybe_number("rate", 1, MailingWish::highest_rate).value_or(MailingWish::usual_rate));
    const BookedEvent* event = tools.book.find(call.event);
    if (event && !wish.form.empty() && !event->settings.form(wish.form))
        ask.wrong("form", "not_in_list");
    if (event && !wish.kind.empty() &&
        std::ranges::find(event->settings.kinds, wish.kind, &TicketKind::id) == event->settings.kinds.end())
        ask.wrong("kind", "not_in_list");
    return wish;
}

} // namespace

CallResult order_mailing(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const MailingWish wish = wish_in(tools, call, ask);
    const bool dry_run = ask.maybe_truth("dry_run").value_or(false);
    if (auto fault = ask.fault())
        return *std::move(fault);
    MailingLedger ledger(tools.database);
    if (dry_run)
        return {200, "{\"mails\":" + std::to_string(ledger.count(wish)) + "}"};
    try {
        const auto number = ledger.order(wish);
        return number ? as_shown(tools, call, "mailing", std::to_string(*number), 201)
                      : refusal(409, "no_tickets");
    } catch (const LedgerRefusal&) {
        return refusal(409, "mailing_open");
    }
}

CallResult change_mailing(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const auto state = maybe_choice(ask, "state", {"running", "paused", "cancelled"});
    const auto rate = ask.maybe_number("rate", 1, MailingWish::highest_rate);
    if (auto fault = ask.fault())
        return *std::move(fault);
    const std::int64_t number = ask.path_number("mailing");
    if (tools.database.query("SELECT FROM mailing WHERE event = $1 AND number = $2", {call.event, number})
            .empty())
        return refusal(404, "not_found");
    try {
        MailingLedger(tools.database)
            .change(call.event, number, state, rate ? std::optional(static_cast<int>(*rate)) : std::nullopt);
        return as_shown(tools, call, "mailing", std::to_string(number));
    } catch (const LedgerRefusal&) {
        return refusal(409, "mail_ended");
    }
}

CallResult resend_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    if (auto fault = ask.fault())
        return *std::move(fault);
    const TicketRow ticket = ticket_in(tools, call, ask);
    if (auto against = reason_against(ticket))
        return *std::move(against);
    ApplicantLedger ledger(tools.database);
    ledger.lock(call.event, ticket.application);
    const auto mail = ledger.owe_tickets(ticket.application);
    if (!mail)
        return refusal(409, "no_tickets");
    CallResult result = as_shown(tools, call, "mail", std::to_string(*mail), 201);
    result.mail = mail;
    return result;
}

} // namespace mogiri::daemon
