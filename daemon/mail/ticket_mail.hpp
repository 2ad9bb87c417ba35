// Writes an owed mail: what the ledger says about it, in words and pictures.
#pragma once

#include <optional>
#include <vector>

#include "../database.hpp"
#include "../ledger/settings_book.hpp"
#include "message.hpp"
#include "outbox.hpp"
#include "post_office.hpp"
#include "ticket_picture.hpp"

namespace mogiri::daemon {

// Owner: one mail worker, beside its Database.
class TicketMail {
  public:
    // All outlive this object.
    TicketMail(PostOffice& office, Database& database, const SettingsBook& book)
        : office_(office), database_(database), book_(book), pictures_(office, database) {}

    // Nothing when none of its tickets is valid any more, no application is left to link to, or its
    // application is no longer what the mail speaks of. Throws MailNotReady and what Database::query throws.
    std::optional<Message> write(const OwedMail& owed);

  private:
    struct Application {
        std::string applicant;
        std::vector<PicturedTicket> tickets; // the valid ones
    };

    struct AccountLink {
        std::int64_t number = 0;
        std::string name; // of the account
    };

    bool still_is(const OwedMail& owed);
    std::int64_t hours_to_confirm(const OwedMail& owed);
    Application read_application(const OwedMail& owed);
    std::optional<AccountLink> read_link(const OwedMail& owed);

    PostOffice& office_;
    Database& database_;
    const SettingsBook& book_;
    TicketPictures pictures_;
};

} // namespace mogiri::daemon
