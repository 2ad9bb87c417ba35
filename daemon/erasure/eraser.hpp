// Carries erasures to their end: an event's ledger batch by batch, then what Redis, its files and the
// transport hold.
#pragma once

#include <map>
#include <set>
#include <stop_token>
#include <string>

#include "../database.hpp"
#include "../ledger/retention.hpp"
#include "../mail/post_office.hpp"
#include "../pulse.hpp"
#include "../redis.hpp"

namespace mogiri::daemon {

// One thread's life. Of several daemons one does it. Every step bears being done again, so a crash is
// outlived: tests/system/test_retention.py.
class Eraser {
  public:
    // Both outlive this object.
    Eraser(const PostOffice& office, Pulse& pulse);

    // Throws LostRedis, LostDatabase, refusals.
    void erase_until(const std::stop_token& stop);

  private:
    struct Erasure {
        std::int64_t number;
        std::uint32_t event; // 0: of no event alone
        bool is_swept;
    };

    bool is_ours();
    void order_due();
    std::vector<Erasure> open();
    bool is_published(const Erasure& erasure);
    bool end_mails(const Erasure& erasure);
    bool streams_were_empty(const Erasure& erasure);
    void forget_rest(const Erasure& erasure);
    void forget_pictures();

    const PostOffice& office_;
    Pulse& pulse_;
    Redis redis_;
    Database database_;
    Retention retention_;
    bool is_ours_ = false;
    std::map<std::int64_t, std::set<std::string>> busy_; // streams that have not been seen empty, by erasure
};

} // namespace mogiri::daemon
