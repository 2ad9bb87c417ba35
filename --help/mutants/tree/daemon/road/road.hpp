// The road of an application through the daemon: claimed from Redis, settled in the ledger, published,
// answered, mailed.
#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include <apply_job.hpp>

#include "../configuration.hpp"
#include "../database.hpp"
#include "../ledger/application_ledger.hpp"
#include "../ledger/cache_ledger.hpp"
#include "../pulse.hpp"
#include "../redis.hpp"
#include "../rush.hpp"
#include "graveyard.hpp"
#include "hand_over.hpp"
#include "job_stream.hpp"
#include "orders.hpp"

namespace mogiri::daemon {

struct RoadJob {
    ClaimedJob claimed;
    ApplyJob application;
};

// One thread's life with its two connections. Throws LostRedis, LostDatabase and refusals that blame the
// moment: whatever is not answered then stays pending in Redis and is claimed again by the next life.
class Road {
  public:
    Road(const Configuration& configuration, std::uint8_t signing_key, Pulse& pulse, Rush& rush);

    // Returns at the stop, with the batch in hand finished.
    void travel(const std::stop_token& stop);

    // A batch's whole story. Public for tests.
    void carry(const std::vector<ClaimedJob>& claimed);

  private:
    // As far as the hand-over's start: Redis does its part while the next batch is settled.
    void take_on(const std::vector<ClaimedJob>& claimed);
    // Brings what take_on() began to its end.
    void come_home();
    std::vector<RoadJob> read(const std::vector<ClaimedJob>& claimed);
    void carry_together(const std::vector<RoadJob>& jobs);
    void hand_over(const std::vector<RoadJob>& jobs, const std::vector<Settlement>& settlements);
    void await_parcel();
    void fault(const ClaimedJob& claimed, const std::optional<ApplyJob>& application,
               const std::string& sqlstate, const std::string& reason);

    Pulse& pulse_;
    Rush& rush_;
    Redis redis_, redis_of_parcels_;
    Database database_;
    JobStream stream_;
    ApplicationLedger ledger_;
    CacheLedger cache_;
    Graveyard graveyard_;
    Orders orders_;
    std::size_t batch_;
    std::optional<HandOver> parcel_; // under way
    Confirmed confirmed_;            // by Redis, and not noted in the ledger yet
};

} // namespace mogiri::daemon
