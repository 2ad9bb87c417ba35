// What a sysadmin orders about jobs by mogirictl: the road carries it out, for only it speaks to Redis.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "../database.hpp"
#include "../redis.hpp"
#include "graveyard.hpp"

namespace mogiri::daemon {

// Owner: the road, beside its connections. Every step bears being done again, by another daemon too.
class Orders {
  public:
    Orders(Redis& redis, Database& database, Graveyard& graveyard)
        : redis_(redis), database_(database), graveyard_(graveyard) {}

    // All that are open. Throws LostRedis, LostDatabase: the order stays open then.
    void carry_out();

  private:
    struct Order {
        std::int64_t id = 0;
        std::string kind, reason;
        std::uint32_t event = 0;
        std::string stream_id;
    };

    // What became of it: "done", "decided" (the ledger had its decision), "gone" (there is no such job).
    std::string_view bury(const Order& order);
    std::string_view retry(const Order& order);

    Redis& redis_;
    Database& database_;
    Graveyard& graveyard_;
};

} // namespace mogiri::daemon
