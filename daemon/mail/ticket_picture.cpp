#include "ticket_picture.hpp"

#include <algorithm>

namespace mogiri::daemon {

namespace {

Texts own_texts(const PicturedTicket& ticket) {
    return {{"guest", ticket.guest},
            {"reference", ticket.reference},
            {"applicant", ticket.applicant},
            {"position", std::to_string(ticket.position)},
            {"count", std::to_string(ticket.count)}};
}

} // namespace

const TicketKind& kind_of(const EventSettings& event, const std::string& id) {
    const auto kind = std::ranges::find(event.kinds, id, &TicketKind::id);
    if (kind == event.kinds.end())
        throw MailNotReady("event " + std::to_string(event.number) + " has no kind \"" + id + "\" any more");
    return *kind;
}

std::string TicketPictures::draw(const PicturedTicket& ticket, const EventSettings& event,
                                 Language language) {
    const std::string code = code_of(ticket);
    try {
        return prepared(event, kind_of(event, ticket.kind), language).printer->print(code, own_texts(ticket));
    } catch (const LayoutError& error) {
        throw MailNotReady(error.what());
    }
}

std::string TicketPictures::draw_pdf(const PicturedTicket& ticket, const EventSettings& event,
                                     Language language, Paper paper) {
    const std::string code = code_of(ticket);
    const TicketKind& kind = kind_of(event, ticket.kind);
    try {
        return ticket_pdf(*prepared(event, kind, language).layout, paper, code, own_texts(ticket),
                          shared_texts(event, kind), language_tag(language));
    } catch (const LayoutError& error) {
        throw MailNotReady(error.what());
    }
}

std::string TicketPictures::code_of(const PicturedTicket& ticket) {
    if (!office_.keys().has(ticket.id.key_id))
        throw MailNotReady("the key file has no key " + std::to_string(ticket.id.key_id) +
                           ", with which the ticket was signed");
    return codes_.issue(ticket.id);
}

TicketPress::Prepared TicketPictures::prepared(const EventSettings& event, const TicketKind& kind,
                                               Language language) {
    TicketPress::Prepared prepared = office_.press().prepared(event, kind, language);
    const std::string subject = "layout of event " + std::to_string(event.number) + ", kind " + kind.id;
    if (prepared.fault.empty())
        office_.alerts().clear(database_, subject);
    else
        office_.alerts().raise(database_, subject,
                               prepared.fault + "; its last good one is kept until mogirid ends");
    return prepared;
}

} // namespace mogiri::daemon
