// Compares what Redis holds of an event with the ledger, and mends it.
//
// Both sides are streamed, a step of tickets at a time. What differs at first sight is looked at again while
// nobody drains: a scan that is still in the log, or a change that waits in cache_outbox, is no difference.
// Only what stands twice the same way is one, so that none shows under running scans
// (tests/system/test_cache_check.py).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../database.hpp"
#include "../ledger/cache_ledger.hpp"
#include "../ledger/ticket_records.hpp"
#include "../redis.hpp"
#include "cache_moment.hpp"

namespace mogiri::daemon {

struct CacheDifference {
    std::string part;         // "ticket", "old_code", "totals", "settings", "events", "ready"
    std::uint64_t number = 0; // of a ticket or old code its serial, of totals the day
    std::string what;         // "missing", "extra", "damaged", or what is different: "name,use"
    bool mended = false;
};

struct CacheReport {
    std::uint64_t tickets = 0;     // in the ledger
    std::uint64_t differences = 0; // found
    std::uint64_t mended = 0;
    std::uint64_t waiting = 0;          // tickets with a change that is still to be published
    std::uint64_t unsettled = 0;        // tickets that changed at every look
    std::vector<CacheDifference> named; // the first of the differences
};

struct CacheCheckWish {
    bool repair = false;
    std::size_t most_named = 100;
};

class CacheCheck {
  public:
    // All outlive this object. `progress` is told how far it is.
    CacheCheck(Redis& redis, Database& database, CacheCheckWish wish,
               std::function<void(const std::string&)> progress)
        : redis_(redis), database_(database), cache_(database), records_(database), both_(redis, database),
          wish_(wish), progress_(std::move(progress)) {}

    // Takes the scans in the log into the ledger, as mogirid does. To repair, the caller holds the event's
    // RebuildLock. Throws LostRedis, LostDatabase and refusals.
    CacheReport run(std::uint32_t event);

  private:
    using Serials = std::vector<std::uint64_t>;
    void check_ready();
    void check_tickets();
    void check_extra();
    void check_old_codes();
    void check_totals();

    void compare(const std::vector<LedgerTicket>& tickets);
    void resolve();
    void judge(std::uint64_t serial, const TicketSight& sight);
    void mend();
    CacheDifference* note(CacheDifference difference);

    Redis& redis_;
    Database& database_;
    CacheLedger cache_;
    TicketRecords records_;
    BothSides both_;
    CacheCheckWish wish_;
    std::function<void(const std::string&)> progress_;
    std::uint32_t event_ = 0;
    CacheReport report_;
    Serials doubtful_;
    struct Mending {
        std::string key, seen, wanted;
        std::optional<std::size_t> named; // its place in report_.named
        bool whole = true;                // nothing differs afterwards
    };
    std::vector<Mending> mendings_;
};

} // namespace mogiri::daemon
