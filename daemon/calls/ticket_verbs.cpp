// What applicants do with one of their tickets.
#include "ticket_verbs.hpp"

#include <algorithm>

#include <form.hpp>
#include <redis_keys.hpp>
#include <ticket_record.hpp>

#include "../cache/door_hold.hpp"
#include "../ledger/applicant_ledger.hpp"
#include "applicant_verbs.hpp"

namespace mogiri::daemon {

namespace {

int position_in(const json_t* arguments) {
    const json_t* position = json_object_get(arguments, "ticket");
    if (!json_is_integer(position) || json_integer_value(position) < 1 ||
        json_integer_value(position) > 1'000'000)
        throw std::invalid_argument("\"ticket\" is no place");
    return static_cast<int>(json_integer_value(position));
}

Language language_in(const json_t* arguments) {
    return language_of(text_of(json_object_get(arguments, "language"))).value_or(Language::ja);
}

std::optional<TicketRecord> record_of(CallTools& tools, std::uint32_t event, const HeldTicket& ticket) {
    const Reply reply = tools.redis.command({"GET", redis_keys::ticket(event, ticket.serial)});
    return decode_ticket_record(reply.text());
}

bool is_held(CallTools& tools, std::uint32_t event, const HeldTicket& ticket) {
    const auto record = record_of(tools, event, ticket);
    return !record || record->revoked;
}

// Redis knows of an entry before the ledger does.
bool has_entered(CallTools& tools, std::uint32_t event, const HeldTicket& ticket) {
    const auto record = record_of(tools, event, ticket);
    return ticket.entered || (record && std::ranges::any_of(record->days, [](const TicketDayUse& day) {
                                  return day.cycle > day.given_back + day.undone;
                              }));
}

Json about(const std::string& application, int position) {
    Json body(json_object());
    json_object_set_new(body.get(), "application", json_of(application));
    json_object_set_new(body.get(), "ticket", json_integer(position));
    return body;
}

CallResult wrong_name(FieldFault fault) {
    const Json body(json_object());
    json_object_set_new(body.get(), "code", json_of("invalid"));
    json_object_set_new(body.get(), "field", json_of("name"));
    json_object_set_new(body.get(), "fault", json_of(fault_code(fault)));
    return {422, json_text(body.get())};
}

// The rules of the field that the name was first typed into.
FormField guests_field(CallTools& tools, const Call& call, const std::string& form) {
    const BookedEvent* event = tools.book.find(call.event);
    const Form* known = event ? event->settings.form(form) : nullptr;
    const FormField* field = known ? known->field_of(FieldType::guests) : nullptr;
    return field ? *field : FormField{};
}

// Takes the ticket under lock, or says why it cannot be changed.
std::optional<CallResult> reason_against(CallTools& tools, const Call& call,
                                         const std::optional<HeldTicket>& ticket) {
    if (!ticket)
        return refusal(404, "not_found");
    if (ticket->state != "valid")
        return refusal(409, "not_valid");
    if (has_entered(tools, call.event, *ticket))
        return refusal(409, "used");
    // Somebody published the ticket since it was held: it may be let in at any moment.
    if (!is_held(tools, call.event, *ticket))
        return refusal(503, "busy", 1);
    return std::nullopt;
}

std::vector<TicketDayUse> use_at_door(CallTools& tools, std::uint32_t event, const HeldTicket& ticket) {
    return DoorHold(tools.database, tools.redis).use_of(event, ticket.serial);
}

} // namespace

CallResult draw_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    return picture_of(tools, call, application_of(call), position_in(arguments), language_in(arguments));
}

CallResult draw_ticket_pdf(CallTools& tools, const Call& call, const json_t* arguments) {
    return picture_of(tools, call, application_of(call), position_in(arguments), language_in(arguments),
                      Paper::a4);
}

CallResult picture_of(CallTools& tools, const Call& call, const std::string& id, int position,
                      Language language, std::optional<Paper> paper) {
    ApplicantLedger ledger(tools.database);
    const auto application = ledger.find(call.event, id);
    const auto tickets = ledger.tickets(call.event, id);
    const auto ticket = std::ranges::find(tickets, position, &HeldTicket::position);
    const BookedEvent* event = tools.book.find(call.event);
    if (!event || !application || ticket == tickets.end() || ticket->state != "valid")
        return refusal(404, "not_found");
    const std::string key = redis_keys::big_answer(
        call.event, "ticket-" + std::to_string(ticket->serial) + "-" + std::string(language_tag(language)) +
                        "-" + std::to_string(event->settings.version) +
                        (!paper                ? ""
                         : *paper == Paper::a4 ? "-a4"
                                               : "-pdf"));
    std::int64_t size = tools.redis.command({"STRLEN", key}).integer();
    if (size > 0)
        tools.redis.command({"EXPIRE", key, big_answer_life_s});
    else {
        const PicturedTicket pictured{{call.event, ticket->serial, ticket->key_id},
                                      ticket->kind,
                                      ticket->guest,
                                      ticket->reference,
                                      application->applicant,
                                      position,
                                      application->tickets};
        const std::string picture = paper
                                        ? tools.pictures.draw_pdf(pictured, event->settings, language, *paper)
                                        : tools.pictures.draw(pictured, event->settings, language);
        tools.redis.command({"SET", key, picture, "EX", big_answer_life_s});
        size = static_cast<std::int64_t>(picture.size());
    }
    return {200, encode(BigAnswer{key, size, paper ? "application/pdf" : "image/png"})};
}

std::vector<std::uint64_t> ticket_to_hold(CallTools& tools, const Call& call, const json_t* arguments) {
    const int position = position_in(arguments);
    for (const HeldTicket& ticket : ApplicantLedger(tools.database).tickets(call.event, application_of(call)))
        if (ticket.position == position && ticket.state == "valid" && !has_entered(tools, call.event, ticket))
            return {ticket.serial};
    return {};
}

CallResult rename_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    const std::string id = application_of(call);
    const int position = position_in(arguments);
    ApplicantLedger ledger(tools.database);
    const auto application = ledger.find(call.event, id);
    if (!application || !ledger.lock(call.event, id))
        return refusal(404, "not_found");
    const auto ticket = ledger.ticket(call.event, id, position);
    if (auto against = reason_against(tools, call, ticket))
        return *std::move(against);
    const auto name = check_guest_name(guests_field(tools, call, application->form),
                                       text_of(json_object_get(arguments, "name")));
    if (const auto* fault = std::get_if<FieldFault>(&name))
        return wrong_name(*fault);
    if (const std::int64_t wait = ledger.rename_after(id); wait > 0)
        return refusal(429, "too_often", wait);
    const NewTicket next =
        ledger.rename(*ticket, std::get<std::string>(name), call.event, tools.office.keys().signing_key(),
                      use_at_door(tools, call.event, *ticket));
    const Json body = about(id, position);
    json_object_set_new(body.get(), "reference", json_of(next.reference));
    json_object_set_new(body.get(), "mail", json_of("pending"));
    return {200,
            json_text(body.get()),
            {ticket->serial, static_cast<std::uint64_t>(next.serial)},
            ledger.owe_tickets(id)};
}

CallResult return_ticket(CallTools& tools, const Call& call, const json_t* arguments) {
    const std::string id = application_of(call);
    const int position = position_in(arguments);
    ApplicantLedger ledger(tools.database);
    if (!ledger.lock(call.event, id))
        return refusal(404, "not_found");
    const auto ticket = ledger.ticket(call.event, id, position);
    if (auto against = reason_against(tools, call, ticket))
        return *std::move(against);
    ledger.give_back(call.event, id, *ticket);
    const Json body = about(id, position);
    json_object_set_new(body.get(), "state", json_of("returned"));
    return {200, json_text(body.get()), {ticket->serial}};
}

} // namespace mogiri::daemon
