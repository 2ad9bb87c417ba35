// The applications on their way, read from Redis as they are: nothing is taken or changed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "contract/apply_job.hpp"
#include "redis.hpp"

namespace mogiri::daemon {

struct RoadJobSeen {
    std::uint32_t event = 0;
    std::string stream_id;
    std::int64_t age_ms = 0;     // by Redis's clock
    std::optional<ApplyJob> job; // nothing: it cannot be read
    std::string consumer;        // who has it; empty: nobody yet
    std::int64_t idle_ms = 0;    // since it was taken
    std::int64_t deliveries = 0; // how often
};

// Oldest first, at most `most`. Throws LostRedis.
std::vector<RoadJobSeen> see_road_jobs(Redis& redis, std::uint32_t event, std::int64_t most);
std::optional<RoadJobSeen> see_road_job(Redis& redis, std::uint32_t event, const std::string& stream_id);

} // namespace mogiri::daemon
