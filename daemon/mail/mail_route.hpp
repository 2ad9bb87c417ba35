// Which way a mail goes: by the first transport or, while that one takes none, by the fallback.
#pragma once

#include <vector>

#include "../database.hpp"
#include "post_office.hpp"

namespace mogiri::daemon {

// Owner: one mail worker, beside its Database.
class MailRoute {
  public:
    // Both outlive this object. Throws TransportError.
    MailRoute(PostOffice& office, Database& database);

    // No delivery takes longer, all ways tried.
    std::chrono::seconds patience() const;

    // By the first way that is open. Only what a transport has surely not taken (it is stopped) goes by the
    // next; whatever else it says is how the delivery ended. Raises and clears the alerts of transports.
    Delivery deliver(const Envelope& envelope, const std::string& message);

  private:
    void tell_of_stop(Way& way, const Delivery& delivery);

    PostOffice& office_;
    Database& database_;
    std::vector<Transport> transports_; // as office_.ways()
};

} // namespace mogiri::daemon
