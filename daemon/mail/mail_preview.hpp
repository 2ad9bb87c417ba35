// A mail as it would be written now, for staff to look at: its pictures in it, its secret links left out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ticket_mail.hpp"

namespace mogiri::daemon {

struct PreviewedMail {
    struct Enclosure {
        std::string file_name, type;
        std::size_t size = 0; // bytes
    };
    std::string from_name, from, reply_to, subject, text;
    std::string html; // shows its pictures without asking anybody for them
    std::vector<Enclosure> enclosures;
};

// Nothing when there is nothing left to say, as TicketMail::write has it; throws what that throws. Links that
// confirm an address or set a password work for whoever has them: they lose what makes them work.
std::optional<PreviewedMail> preview(PostOffice& office, Database& database, const SettingsBook& book,
                                     const OwedMail& owed);

} // namespace mogiri::daemon
