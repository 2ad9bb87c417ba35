// Mass sendings of tickets in the ledger: ordered, looked at, held up; mogirid owes their mails by and by.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../database.hpp"

namespace mogiri::daemon {

struct MailingWish {
    static constexpr int usual_rate = 600, highest_rate = 60'000; // mails a minute

    std::uint32_t event = 0;
    std::string form, kind; // empty: all
    std::string
        mail_state; // how the last mail with the tickets stands: none, sent, failed, suppressed; empty: any
    bool again = false; // those too whose tickets were sent or are on their way
    int rate = usual_rate;
};

// A mailing whose mails may be owed now.
struct RunningMailing {
    std::int64_t number = 0;
    std::uint32_t event = 0;
};

class MailingLedger {
  public:
    // `database` outlives this object.
    explicit MailingLedger(Database& database) : database_(database) {}

    // How many mails it would be.
    std::int64_t count(const MailingWish& wish);
    // Returns its number; nothing when there is nobody to write to. Throws LedgerRefusal while the event has
    // another that is not at its end.
    std::optional<std::int64_t> order(const MailingWish& wish);
    // "running", "paused" or "cancelled"; the same again changes nothing. Throws LedgerRefusal when there is
    // no such mailing, or it is at its end.
    void change(std::uint32_t event, std::int64_t number, const std::optional<std::string>& state,
                std::optional<int> rate);

    std::vector<RunningMailing> running();
    // Owes the next mails of a mailing, as many as its rate and `most_in_hand` allow, and returns their rows,
    // which the caller puts into the stream; writes its end when there is nothing left. All in one
    // transaction that holds the mailing, so that any number of daemons may do it and die at it
    // (tests/system/test_mailings.py). Nothing while other mails wait, for new tickets go first.
    std::vector<std::int64_t> owe_next(std::int64_t number, int most_in_hand);

  private:
    void end_if_done(std::int64_t number);

    Database& database_;
};

} // namespace mogiri::daemon
