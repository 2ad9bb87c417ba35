// Writes an owed mail: what the ledger says about it, in words and pictures.
#pragma once

#include <optional>
#include <vector>

#include <ticket_code.hpp>

#include "../database.hpp"
#include "../ledger/settings_book.hpp"
#include "message.hpp"
#include "outbox.hpp"
#include "post_office.hpp"

namespace mogiri::daemon {

// What the mail needs is not there or cannot be drawn now; that can be mended, and then it will be sent.
class MailNotReady : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Owner: one mail worker, beside its Database.
class TicketMail {
  public:
    // All outlive this object.
    TicketMail(PostOffice& office, Database& database, const SettingsBook& book)
        : office_(office), database_(database), book_(book), codes_(office.keys()) {}

    // Nothing when none of its tickets is valid any more. Throws MailNotReady and what Database::query
    // throws.
    std::optional<Message> write(const OwedMail& owed);

  private:
    struct Ticket {
        TicketId id;
        std::string kind, guest, reference;
        int position;
    };
    struct Application {
        std::string applicant;
        std::vector<Ticket> tickets; // the valid ones
    };

    Application read_application(const OwedMail& owed);
    std::string print(const Ticket& ticket, const Application& application, const EventSettings& event,
                      Language language);

    PostOffice& office_;
    Database& database_;
    const SettingsBook& book_;
    TicketCodes codes_;
};

} // namespace mogiri::daemon
