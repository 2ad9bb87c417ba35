// What admins change: the ledger's own steps, told as calls.
#include "staff_verbs.hpp"

#include "../cache/door_hold.hpp"
#include "../ledger/applicant_ledger.hpp"
#include "../ledger/application_desk.hpp"
#include "../ledger/approval_desk.hpp"
#include "../ledger/event_ledger.hpp"
#include "../ledger/ticket_ledger.hpp"
#include "../ledger/ticket_renewal.hpp"
#include "ask.hpp"
#include "resource_verbs.hpp"

namespace mogiri::daemon {

namespace {

bool has_application(CallTools& tools, const Call& call, std::string_view id) {
    return !tools.database.query("SELECT FROM application WHERE event = $1 AND id = $2", {call.event, id})
                .empty();
}

std::vector<std::uint64_t> valid_tickets(CallTools& tools, const Call& call, std::string_view application) {
    std::vector<std::uint64_t> serials;
    for (Row row : tools.database.query(
             "SELECT serial FROM ticket WHERE event = $1 AND application = $2 AND status = 'valid'",
             {call.event, application}))
        serials.push_back(static_cast<std::uint64_t>(row.number(0)));
    return serials;
}

using Judgement = std::vector<std::int64_t> (ApprovalDesk::*)(const std::vector<std::string>&,
                                                              std::string_view);

CallResult judge(CallTools& tools, const Call& call, const json_t* arguments, Judgement judgement) {
    Ask ask(tools, arguments);
    const std::string reason = ask.text("reason", 1000), id(ask.path("application"));
    if (auto fault = ask.fault())
        return *std::move(fault);
    if (!has_application(tools, call, id))
        return refusal(404, "not_found");
    try {
        ApprovalDesk desk(tools.database, tools.office.keys().signing_key());
        (desk.*judgement)({id}, reason);
    } catch (const LedgerRefusal&) {
        return refusal(409, "not_awaited");
    }
    CallResult result = as_shown(tools, call, "application", id);
    result.serials = valid_tickets(tools, call, id);
    return result;
}

} // namespace

TicketRow ticket_in(CallTools& tools, const Call& call, const Ask& ask) {
    TicketRow ticket;
    for (Row row : tools.database.query("SELECT serial, status, reference, application FROM ticket "
                                        "WHERE event = $1 AND serial = $2",
                                        {call.event, ask.path_number("ticket")})) {
        ticket.event = call.event;
        ticket.serial = row.number(0);
        ticket.status = row.string(1);
        ticket.reference = row.string(2);
        ticket.application = row.string(3);
    }
    return ticket;
}

std::optional<CallResult> reason_against(const TicketRow& ticket) {
    if (ticket.serial == 0)
        return refusal(404, "not_found");
    if (ticket.status == "revoked")
        return refusal(409, "not_valid");
    return std::nullopt;
}

CallResult cancel_application(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string reason = ask.text("reason", 1000), id(ask.path("application"));
    if (auto fault = ask.fault())
        return *std::move(fault);
    if (!has_application(tools, call, id))
        return refusal(404, "not_found");
    std::vector<std::uint64_t> serials = valid_tickets(tools, call, id);
    try {
        ApplicationDesk(tools.database).cancel({id}, reason);
    } catch (const LedgerRefusal&) {
        return refusal(409, "no_tickets");
    }
    CallResult result = as_shown(tools, call, "application", id);
    result.serials = std::move(serials);
    return result;
}

CallResult approve_application(CallTools& tools, const Call& call, const json_t* arguments) {
    return judge(tools, call, arguments, &ApprovalDesk::approve);
}

CallResult reject_application(CallTools& tools, const Call& call, const json_t* arguments) {
    return judge(tools, call, arguments, &ApprovalDesk::reject);
}

CallResult revoke_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string reason = ask.text("reason", 1000);
    if (auto fault = ask.fault())
        return *std::move(fault);
    const TicketRow ticket = ticket_in(tools, call, ask);
    if (auto against = reason_against(ticket))
        return *std::move(against);
    TicketLedger(tools.database).revoke({ticket}, reason);
    CallResult result = as_shown(tools, call, "ticket", ask.path("ticket"));
    result.serials = {static_cast<std::uint64_t>(ticket.serial)};
    return result;
}

std::vector<std::uint64_t> reissue_to_hold(CallTools& tools, const Call& call, const json_t* arguments) {
    const TicketRow ticket = ticket_in(tools, call, Ask(tools, arguments));
    if (reason_against(ticket))
        return {};
    return {static_cast<std::uint64_t>(ticket.serial)};
}

CallResult replace_ticket(CallTools& tools, const Call& call, const Ask& ask, std::string_view reason,
                          const std::optional<std::string>& guest) {
    const TicketRow ticket = ticket_in(tools, call, ask);
    if (auto against = reason_against(ticket))
        return *std::move(against);
    try {
        const DoorUses uses{{{ticket.event, ticket.serial},
                             DoorHold(tools.database, tools.redis)
                                 .use_of(ticket.event, static_cast<std::uint64_t>(ticket.serial))}};
        const Renewal renewal = TicketRenewal(tools.database, tools.office.keys().signing_key())
                                    .reissue({ticket}, uses, reason,
                                             guest ? GuestNames{{ticket.serial, *guest}} : GuestNames{});
        const std::int64_t next = renewal.tickets.front().serial;
        CallResult result = as_shown(tools, call, "ticket", std::to_string(next), 201);
        result.serials = {static_cast<std::uint64_t>(ticket.serial), static_cast<std::uint64_t>(next)};
        return result;
    } catch (const LedgerRefusal&) { // revoked meanwhile
        return refusal(409, "not_valid");
    }
}

CallResult reissue_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string reason = ask.text("reason", 1000);
    if (auto fault = ask.fault())
        return *std::move(fault);
    return replace_ticket(tools, call, ask, reason, std::nullopt);
}

CallResult resend_mail(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    if (auto fault = ask.fault())
        return *std::move(fault);
    const Result mails =
        tools.database.query("SELECT application, kind FROM mail_outbox WHERE event = $1 AND id = $2",
                             {call.event, ask.path_number("mail")});
    if (mails.empty())
        return refusal(404, "not_found");
    // A link is asked for afresh, by its account.
    const auto mail = mails[0].text(1) == "tickets"
                          ? ApplicantLedger(tools.database).owe_tickets(mails[0].string(0))
                          : std::nullopt;
    if (!mail)
        return refusal(409, "no_tickets");
    CallResult result = as_shown(tools, call, "mail", std::to_string(*mail), 201);
    result.mail = mail;
    return result;
}

} // namespace mogiri::daemon
