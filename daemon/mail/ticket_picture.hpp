// Draws tickets: for mails, and for applicants who look at them.
#pragma once

#include <stdexcept>
#include <string>

#include <ticket_code.hpp>

#include "../render/ticket_pdf.hpp"
#include "post_office.hpp"

namespace mogiri::daemon {

// What is needed is not there or cannot be drawn now; that can be mended, and then it will be sent.
class MailNotReady : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct PicturedTicket {
    TicketId id;
    std::string kind, guest, reference, applicant;
    std::int64_t position = 1, count = 1; // its place among those of its application
};

// Throws MailNotReady.
const TicketKind& kind_of(const EventSettings& event, const std::string& id);

// Owner: one thread.
class TicketPictures {
  public:
    // `office` and `database` outlive this object.
    TicketPictures(PostOffice& office, Database& database)
        : office_(office), database_(database), codes_(office.keys()) {}

    // A PNG file. Raises an alert while an event's layout is broken and its last good one is drawn. Throws
    // MailNotReady.
    std::string draw(const PicturedTicket& ticket, const EventSettings& event, Language language);
    // The same as PDF.
    std::string draw_pdf(const PicturedTicket& ticket, const EventSettings& event, Language language,
                         Paper paper);

  private:
    TicketPress::Prepared prepared(const EventSettings& event, const TicketKind& kind, Language language);
    std::string code_of(const PicturedTicket& ticket);

    PostOffice& office_;
    Database& database_;
    TicketCodes codes_;
};

} // namespace mogiri::daemon
