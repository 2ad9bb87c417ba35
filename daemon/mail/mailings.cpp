// Carries mass sendings out: owes their mails a few at a time, so that the mail of a new ticket is never kept
// waiting behind them.
#include "mailings.hpp"

#include "../back_off.hpp"
#include "mail_stream.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

// For each mail worker: enough to keep it busy until the next look, few enough for a new mail to come soon.
constexpr int mails_a_worker = 4;

} // namespace

Mailings::Mailings(const PostOffice& office, Pulse& pulse)
    : pulse_(pulse), redis_(office.configuration().redis),
      database_(office.configuration().database, "mogirid mailings"), ledger_(database_),
      most_in_hand_(mails_a_worker * office.configuration().mail.workers) {}

void Mailings::carry_out_until(const std::stop_token& stop) {
    bool busy = false;
    do {
        pulse_.beat();
        busy = carry_out();
    } while (pause(stop, busy ? 100ms : 1000ms));
}

bool Mailings::carry_out() {
    const std::vector<RunningMailing> running = ledger_.running();
    for (const RunningMailing& mailing : running) {
        const std::vector<std::int64_t> rows = ledger_.owe_next(mailing.number, most_in_hand_);
        if (!rows.empty())
            offer_mails(redis_, mailing.event, rows);
    }
    return !running.empty();
}

} // namespace mogiri::daemon
