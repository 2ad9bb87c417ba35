// What applicants do after applying.
#include "applicant_verbs.hpp"

#include "../ledger/applicant_ledger.hpp"
#include "../ledger/lost_links.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::string_view actor_prefix = "application:";

json_t* ticket_json(const HeldTicket& ticket) {
    return json_pack("{s:i, s:o, s:o, s:o, s:s, s:b}", "ticket", ticket.position, "name",
                     json_of(ticket.guest), "kind", json_of(ticket.kind), "reference",
                     json_of(ticket.reference), "state", ticket.state.c_str(), "entered", ticket.entered);
}

} // namespace

std::string application_of(const Call& call) {
    if (!call.actor.starts_with(actor_prefix))
        throw std::invalid_argument("the verb is an applicant's");
    return call.actor.substr(actor_prefix.size());
}

CallResult show_application(CallTools& tools, const Call& call, const json_t*) {
    ApplicantLedger ledger(tools.database);
    const std::string id = application_of(call);
    const auto application = ledger.find(call.event, id);
    if (!application)
        return refusal(404, "not_found");
    const Json body(json_object());
    json_object_set_new(body.get(), "application", json_of(id));
    json_object_set_new(body.get(), "state", json_of(application->state));
    if (!application->code.empty())
        json_object_set_new(body.get(), "code", json_of(application->code));
    json_object_set_new(body.get(), "form", json_of(application->form));
    json_object_set_new(body.get(), "resend_after", json_integer(ledger.resend_after(id)));
    if (!application->mail.empty())
        json_object_set_new(body.get(), "mail", json_of(application->mail));
    json_t* tickets = json_array();
    json_object_set_new(body.get(), "tickets", tickets);
    for (const HeldTicket& ticket : ledger.tickets(call.event, id))
        json_array_append_new(tickets, ticket_json(ticket));
    return {200, json_text(body.get())};
}

CallResult find_applications(CallTools& tools, const Call& call, const json_t* arguments) {
    const std::string address(text_of(json_object_get(arguments, "address")));
    if (address.empty())
        throw std::invalid_argument("\"address\" is missing");
    return {200, "{}", {}, LostLinks(tools.database).owe_mail(call.event, address)};
}

CallResult resend_tickets(CallTools& tools, const Call& call, const json_t*) {
    ApplicantLedger ledger(tools.database);
    const std::string id = application_of(call);
    const bool unconfirmed = ledger.lock(call.event, id, "unconfirmed");
    if (!unconfirmed && !ledger.lock(call.event, id))
        return refusal(404, "not_found");
    if (const std::int64_t wait = ledger.resend_after(id); wait > 0)
        return refusal(429, "too_often", wait);
    const auto mail = unconfirmed ? ledger.owe_link(id) : ledger.owe_tickets(id);
    if (!mail)
        return refusal(409, "no_tickets");
    const Json body(json_object());
    json_object_set_new(body.get(), "application", json_of(id));
    json_object_set_new(body.get(), "mail", json_of("pending"));
    return {200, json_text(body.get()), {}, mail};
}

CallResult confirm_address(CallTools& tools, const Call& call, const json_t*) {
    const std::string id = application_of(call);
    tools.applications.confirm(call.event, id);
    const auto application = ApplicantLedger(tools.database).find(call.event, id);
    if (!application)
        return refusal(404, "not_found");
    if (application->state == "unconfirmed" || application->code == "lapsed")
        return refusal(409, "lapsed");
    const Json body(json_object());
    json_object_set_new(body.get(), "application", json_of(id));
    json_object_set_new(body.get(), "state", json_of(application->state));
    return {200, json_text(body.get())};
}

} // namespace mogiri::daemon
