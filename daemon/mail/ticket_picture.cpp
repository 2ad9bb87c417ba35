#include "ticket_picture.hpp"

#include <algorithm>

namespace mogiri::daemon {

const TicketKind& kind_of(const EventSettings& event, const std::string& id) {
    const auto kind = std::ranges::find(event.kinds, id, &TicketKind::id);
    if (kind == event.kinds.end())
        throw MailNotReady("event " + std::to_string(event.number) + " has no kind \"" + id + "\" any more");
    return *kind;
}

std::string TicketPictures::draw(const PicturedTicket& ticket, const EventSettings& event,
                                 Language language) {
    if (!office_.keys().has(ticket.id.key_id))
        throw MailNotReady("the key file has no key " + std::to_string(ticket.id.key_id) +
                           ", with which the ticket was signed");
    try {
        return printer(event, kind_of(event, ticket.kind), language)
            ->print(codes_.issue(ticket.id), {{"guest", ticket.guest},
                                              {"reference", ticket.reference},
                                              {"applicant", ticket.applicant},
                                              {"position", std::to_string(ticket.position)},
                                              {"count", std::to_string(ticket.count)}});
    } catch (const LayoutError& error) {
        throw MailNotReady(error.what());
    }
}

std::shared_ptr<const TicketPrinter> TicketPictures::printer(const EventSettings& event,
                                                             const TicketKind& kind, Language language) {
    const TicketPress::Prepared prepared = office_.press().prepared(event, kind, language);
    const std::string subject = "layout of event " + std::to_string(event.number) + ", kind " + kind.id;
    if (prepared.fault.empty())
        office_.alerts().clear(database_, subject);
    else
        office_.alerts().raise(database_, subject,
                               prepared.fault + "; its last good one is kept until mogirid ends");
    return prepared.printer;
}

} // namespace mogiri::daemon
