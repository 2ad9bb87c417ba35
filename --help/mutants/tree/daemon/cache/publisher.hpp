// Tells Redis what changed in the ledger: rows of cache_outbox, at once when notified, by a sweep otherwise.
#pragma once

#include <stop_token>

#include "../configuration.hpp"
#include "../database.hpp"
#include "../ledger/cache_ledger.hpp"
#include "../ledger/ticket_records.hpp"
#include "../pulse.hpp"
#include "../redis.hpp"

namespace mogiri::daemon {

// NOTIFY on this channel wakes the publisher.
inline constexpr const char* cache_channel = "mogiri_cache";

class Publisher {
  public:
    explicit Publisher(const Configuration& configuration);

    // The thread's life. Throws LostRedis, LostDatabase, refusals.
    void publish_until(const std::stop_token& stop, Pulse& pulse);

    // Publishes what is due, as it stands in the ledger now, so that late or repeated publication does no
    // harm, and forgets the rows that Redis confirmed. Rows of an event whose door is closed wait for its
    // rebuild. Returns how many rows were confirmed. Public for tests.
    std::size_t publish_due();

  private:
    void publish_answers(std::uint32_t event, const std::vector<std::string>& applications);

    Redis redis_;
    Database database_;
    CacheLedger cache_;
    TicketRecords records_;
};

} // namespace mogiri::daemon
