// Gathers applications into batches, one call of mogiri_apply each, and tells every one what Redis said to
// it.
//
// Owner: the Worker. Applications that arrive while batches are under way leave together when one comes back.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ngx.hpp"
#include "redis/link.hpp"
#include "zone.hpp"

namespace mogiri::module {

class Intake {
  public:
    // What Redis said to one application, valid while it is told. `state` as WIRE.md has it; "" when nobody
    // knows whether it was taken.
    struct Said {
        std::string_view state, answer;
        long long age = 0; // of the oldest job, milliseconds
        bool not_ready = false;
    };
    using OnSaid = std::function<void(const Said&)>;

    struct Entry {
        std::string key; // {e}:a:<id>
        std::string deadline, body_hash, high_water, job;
        OnSaid on_said;
    };

    Intake(RedisLink& link, Zone& zone, ngx_log_t* log);

    // False, with nothing done, when Redis is away or too much is in flight already. `on_said` runs once,
    // never before join() has returned.
    bool join(std::uint32_t event, Entry entry);

    // A batch that takes longer would keep the door waiting behind it.
    static constexpr std::size_t largest_batch = 32;
    static constexpr std::size_t most_batches = 2; // under way at once, per event

  private:
    using Batch = std::vector<Entry>;
    struct Queue {
        std::deque<Entry> waiting;
        std::size_t batches = 0;
    };

    void send_batches();
    void send_batch(std::uint32_t event, Queue& queue);
    void batch_answered(std::uint32_t event, const Batch& batch, RedisReply reply);

    RedisLink& link_;
    Zone& zone_;
    ngx_log_t* log_;
    std::size_t waiting_ = 0; // for their turn or for Redis
    std::map<std::uint32_t, Queue> queues_;
    EndOfTurn send_;
};

} // namespace mogiri::module
