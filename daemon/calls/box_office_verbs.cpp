// What staff do with tickets at a table.
#include "box_office_verbs.hpp"

#include <algorithm>

#include <old_code.hpp>
#include <plain_text.hpp>
#include <ticket_code.hpp>

#include "../cache/door_hold.hpp"
#include "../ledger/applicant_ledger.hpp"
#include "../ledger/event_ledger.hpp"
#include "../ledger/ticket_renewal.hpp"
#include "../ledger/ticket_restoration.hpp"
#include "ask.hpp"
#include "resource_verbs.hpp"
#include "staff_verbs.hpp"
#include "ticket_verbs.hpp"

namespace mogiri::daemon {

namespace {

CallResult shown(CallTools& tools, const Call& call, std::int64_t serial, int status = 200) {
    return as_shown(tools, call, "ticket", std::to_string(serial), status);
}

std::optional<std::int64_t> serial_of(CallTools& tools, std::uint32_t event, const std::string& code) {
    if (is_old_code(code)) {
        const Result found = tools.database.query(
            "SELECT serial FROM old_code WHERE event = $1 AND digest = $2", {event, old_code_digest(code)});
        return found.empty() ? std::nullopt : std::optional(found[0].number(0));
    }
    TicketId ticket;
    if (TicketCodes(tools.office.keys()).verify(code, ticket) != CodeVerdict::genuine ||
        ticket.event != event)
        return std::nullopt;
    return static_cast<std::int64_t>(ticket.serial);
}

CallResult draw_for_staff(CallTools& tools, const Call& call, const Ask& ask, std::optional<Paper> paper) {
    const std::string_view wish = text_of(json_object_get(ask.query(), "language"));
    const auto language = wish.empty() ? std::optional(Language::ja) : language_of(wish);
    if (!language)
        return invalid("language", "not_in_list");
    const Result found = tools.database.query(
        "SELECT application, position, status FROM ticket WHERE event = $1 AND serial = $2",
        {call.event, ask.path_number("ticket")});
    if (found.empty())
        return refusal(404, "not_found");
    if (found[0].text(2) != "valid")
        return refusal(409, "not_valid");
    return picture_of(tools, call, found[0].string(0), static_cast<int>(found[0].number(1)), *language,
                      paper);
}

} // namespace

CallResult issue_tickets(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::vector<std::string> guests = ask.texts("guests");
    if (ask.value("guests") && (guests.empty() || std::ranges::any_of(guests, is_invisible)))
        ask.wrong("guests", "missing");
    const std::string reason = ask.text("reason", 1000), id(ask.path("application"));
    if (auto fault = ask.fault())
        return *std::move(fault);
    const Result found = tools.database.query(
        "SELECT state, test FROM application WHERE event = $1 AND id = $2", {call.event, id});
    if (found.empty())
        return refusal(404, "not_found");
    if (found[0].text(0) != "issued" || found[0].truth(1))
        return refusal(409, "no_tickets");
    try {
        const Renewal renewal =
            TicketRenewal(tools.database, tools.office.keys().signing_key()).issue(id, guests, reason);
        CallResult result{201, ""};
        for (const NewTicket& ticket : renewal.tickets) {
            result.body.append(result.body.empty() ? "{\"items\":[" : ",")
                .append(shown(tools, call, ticket.serial).body);
            result.serials.push_back(static_cast<std::uint64_t>(ticket.serial));
        }
        result.body += "]}";
        return result;
    } catch (const LedgerRefusal&) {
        return refusal(409, "sold_out");
    }
}

CallResult restore_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const auto day = ask.maybe_number("day", 1, 255);
    const std::string reason = ask.text("reason", 1000);
    if (auto fault = ask.fault())
        return *std::move(fault);
    const TicketRow ticket = ticket_in(tools, call, ask);
    if (auto against = reason_against(ticket))
        return *std::move(against);
    try {
        TicketRestoration(tools.database, &tools.redis)
            .give_back({ticket}, day ? std::optional(static_cast<int>(*day)) : std::nullopt, reason);
        CallResult result = shown(tools, call, ticket.serial);
        result.serials = {static_cast<std::uint64_t>(ticket.serial)};
        return result;
    } catch (const LedgerRefusal&) {
        return refusal(409, "no_use");
    }
}

CallResult correct_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string name = ask.text("name", 400), reason = ask.text("reason", 1000);
    if (auto fault = ask.fault())
        return *std::move(fault);
    return replace_ticket(tools, call, ask, reason, name);
}

CallResult find_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string code = ask.secret("code");
    if (auto fault = ask.fault())
        return *std::move(fault);
    const auto serial = serial_of(tools, call.event, code);
    return serial ? shown(tools, call, *serial) : refusal(404, "not_found");
}

CallResult draw_ticket_of_staff(CallTools& tools, const Call& call, const json_t* arguments) {
    return draw_for_staff(tools, call, Ask(tools, arguments), std::nullopt);
}

CallResult draw_pdf_of_staff(CallTools& tools, const Call& call, const json_t* arguments) {
    const Ask ask(tools, arguments);
    const std::string_view paper = text_of(json_object_get(ask.query(), "paper"));
    if (!paper.empty() && paper != "a4" && paper != "own")
        return invalid("paper", "not_in_list");
    return draw_for_staff(tools, call, ask, paper == "own" ? Paper::own : Paper::a4);
}

CallResult show_applicants_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    const Ask ask(tools, arguments);
    const std::int64_t number = ask.path_number("number");
    if (number == 0)
        return refusal(404, "not_found");
    // Of each place of each application the ticket that has it now.
    const Result found = tools.database.query(
        "SELECT serial FROM (SELECT DISTINCT ON (submitted_at, id, position) submitted_at, id, position, "
        "                    serial FROM application JOIN ticket ON ticket.application = id "
        "                    WHERE application.event = $1 AND applicant = $2 "
        "                    ORDER BY submitted_at, id, position, serial DESC) AS place "
        "ORDER BY submitted_at, id, position OFFSET $3::bigint - 1 LIMIT 1",
        {call.event, ask.path("applicant"), number});
    return found.empty() ? refusal(404, "not_found") : shown(tools, call, found[0].number(0));
}

CallResult resend_to_applicant(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    if (auto fault = ask.fault())
        return *std::move(fault);
    ApplicantLedger ledger(tools.database);
    const Result applications = tools.database.query(
        "SELECT id FROM application WHERE event = $1 AND applicant = $2 ORDER BY id FOR UPDATE",
        {call.event, ask.path("applicant")});
    if (applications.empty())
        return refusal(404, "not_found");
    std::vector<std::int64_t> mails;
    for (Row row : applications)
        if (const auto mail = ledger.owe_tickets(row.string(0)))
            mails.push_back(*mail);
    if (mails.empty())
        return refusal(409, "no_tickets");
    // The sweep puts them into the stream.
    tools.database.query("UPDATE mail_outbox SET queued_at = NULL WHERE id = ANY ($1::bigint[])", {mails});
    return {200, "{\"mails\":" + std::to_string(mails.size()) + "}"};
}

} // namespace mogiri::daemon
