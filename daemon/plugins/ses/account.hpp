// What the account may send: read from SES now and then, counted between, shared by all workers of the
// process.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include <http/exchange.hpp>
#include <http/pace.hpp>

#include "settings.hpp"

namespace mogiri::ses {

struct Quota {
    double a_day = -1, sent = 0; // in 24 hours; a_day < 0: unlimited
    double a_second = 1;
    bool sending = true; // not paused
};

// Safe from every thread.
class Account {
  public:
    // The same object for the same access key, region and endpoint.
    static std::shared_ptr<Account> of(const Settings& settings);

    Account(std::string name, int rate) : pace_(plugins::Pace::of(name)), rate_(rate) {}

    // Reads the quota when it is no longer fresh, and waits until a mail may be sent. False, with `result`
    // said, when none may be for now.
    bool let_go(plugins::Exchange& exchange, const std::string& url, mogiri_result& result);

    // How that ended. A mail that was not taken costs nothing of the quota.
    void taken();
    void not_taken();
    void maybe_taken();
    void throttled(std::chrono::milliseconds pause);
    // Whoever asks next reads the quota anew.
    void doubt();

    // For the probe: whether it can be read, and what it is.
    bool read(plugins::Exchange& exchange, const std::string& url, mogiri_result& result);
    std::string described(); // "1 of 200 mails sent in 24 hours, 14 a second"

    static constexpr std::chrono::seconds fresh{300}, longest_wait{120};
    // Of what the account allows a second: others may use it, too.
    static constexpr double our_share = 0.9;

  private:
    // Under the mutex. False, with `result` said, when it is no quota.
    bool take(const plugins::Answer& answer, const std::string& url, mogiri_result& result);

    std::shared_ptr<plugins::Pace> pace_;
    int rate_;
    std::mutex mutex_;
    Quota quota_;
    double under_way_ = 0; // mails that were let go, and of which nobody knows yet whether SES has counted them
    std::chrono::steady_clock::time_point read_at_{};
    bool known_ = false;
};

} // namespace mogiri::ses
