// The jobs of all events in Redis, applications or calls, taken by one consumer of their group.
//
// Owner: one thread, beside its Redis. A claimed job stays pending until it is answered or buried.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <redis_keys.hpp>

#include "../redis.hpp"

namespace mogiri::daemon {

// One of the streams that every event has.
struct StreamOfJobs {
    std::string (*key)(std::uint32_t event);
    std::string_view group, field;
};

inline constexpr StreamOfJobs applications{redis_keys::jobs, redis_keys::road_group, "apply"};
inline constexpr StreamOfJobs calls{redis_keys::calls, redis_keys::calls_group, "call"};
// Calls that take a password's time: one after another, whatever comes.
inline constexpr StreamOfJobs logins{redis_keys::logins, redis_keys::logins_group, "call"};

// Calls whose answers are streamed, as long as that takes.
inline constexpr StreamOfJobs exports{redis_keys::exports, redis_keys::exports_group, "call"};

struct ClaimedJob {
    std::uint32_t event = 0;
    std::string stream_id;
    std::string payload; // the stream's field; empty when the entry has none or was deleted under its reader
};

// As it stands in the log.
std::string name_of(const ClaimedJob& claimed);
// The entry of a stream as Redis tells it: [id, [field, value, …]].
ClaimedJob job_of(std::uint32_t event, ReplyView entry, std::string_view field);

// Creates the stream and the group where they are missing, from the stream's beginning.
void ensure_group(Redis& redis, const std::string& stream, std::string_view group);

class JobStream {
  public:
    // A job that its consumer has kept this long is taken over.
    static constexpr std::chrono::seconds abandoned_after{10};

    JobStream(Redis& redis, const StreamOfJobs& jobs, std::string consumer, int batch)
        : redis_(redis), jobs_(jobs), consumer_(std::move(consumer)), batch_(batch) {}

    // The events to read from now on; makes their groups.
    void follow(const std::vector<std::uint32_t>& events);
    bool has_events() const { return !events_.empty(); }

    // Jobs that this consumer claimed in an earlier life, oldest first. Empty when all were handed out.
    std::vector<ClaimedJob> claim_own();
    // Jobs of consumers that are dead or stopped.
    std::vector<ClaimedJob> claim_abandoned();
    // New jobs; waits so long for the first one.
    std::vector<ClaimedJob> claim_new(std::chrono::milliseconds wait);

    // The job counts as abandoned in two seconds, so that claim_abandoned() hands it out again.
    void try_again_soon(const ClaimedJob& job);

  private:
    Redis& redis_;
    StreamOfJobs jobs_;
    std::string consumer_;
    int batch_;
    std::vector<std::uint32_t> events_;
    std::vector<std::string> streams_;  // of events_, in the same order
    std::vector<std::string> own_from_; // where claim_own goes on, per stream
    bool own_read_ = false;
};

} // namespace mogiri::daemon
