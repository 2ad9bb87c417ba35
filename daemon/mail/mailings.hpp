// Carries mass sendings out: owes their mails a few at a time, so that the mail of a new ticket is never kept
// waiting behind them.
#pragma once

#include <stop_token>

#include "../database.hpp"
#include "../ledger/mailing_ledger.hpp"
#include "../pulse.hpp"
#include "../redis.hpp"
#include "post_office.hpp"

namespace mogiri::daemon {

// One thread's life. Any number of daemons may do it at once.
class Mailings {
  public:
    // `office` outlives this object.
    Mailings(const PostOffice& office, Pulse& pulse);

    // Returns at the stop.
    void carry_out_until(const std::stop_token& stop);

  private:
    // False when no mailing is running.
    bool carry_out();

    Pulse& pulse_;
    Redis redis_;
    Database database_;
    MailingLedger ledger_;
    int most_in_hand_;
};

} // namespace mogiri::daemon
