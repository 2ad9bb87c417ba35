// Draws tickets: for mails, and for applicants who look at them.
#pragma once

#include <stdexcept>
#include <string>

#include <ticket_code.hpp>

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
    // `office` outlives this object.
    explicit TicketPictures(PostOffice& office) : office_(office), codes_(office.keys()) {}

    // A PNG file. Throws MailNotReady.
    std::string draw(const PicturedTicket& ticket, const EventSettings& event, Language language);

  private:
    PostOffice& office_;
    TicketCodes codes_;
};

} // namespace mogiri::daemon
