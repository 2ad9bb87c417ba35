// Memory that all workers share: figures for /metrics, the last batch number acknowledged per event, and the
// events' settings.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <utility>

#include "daemon/contract/checkin.hpp"
#include "ngx.hpp"

namespace mogiri::module {

// Upper ends of the round trip histogram, in microseconds; one more bucket takes the rest.
inline constexpr std::array<std::uint64_t, 13> round_trip_ends = {
    250, 500, 1000, 2000, 5000, 10'000, 20'000, 50'000, 100'000, 200'000, 300'000, 1'000'000, 2'000'000};

// What waits in Redis for the daemon.
enum class Queue { applications, calls, mails, scans };
inline constexpr std::size_t queue_count = 4;

bool process_lives(std::int32_t process);

// From a clock that never jumps.
std::uint64_t steady_microseconds();

struct ShelvedSettings;

// What lies in the shared memory. Lock-free, so a worker that is killed leaves nothing locked; the shelf
// alone is changed under the mutex of nginx's slabs (redis/settings_shelf.cpp).
struct SharedMemory {
    using Counter = std::atomic<std::uint64_t>;

    // A worker's own figures; a slot whose process is gone is free.
    struct WorkerSlot {
        std::atomic<std::int32_t> process;
        std::atomic<bool> connected;
        Counter in_flight;
    };
    struct QueueFigures {
        Counter entries, oldest_ms;
    };
    struct EventSlot {
        std::atomic<std::uint32_t> event;
        Counter batch;
        std::array<QueueFigures, queue_count> queues; // by Queue
        Counter queues_seen;                          // when, in steady microseconds
    };

    static constexpr std::size_t events = 1024;

    std::array<WorkerSlot, 128> workers;
    std::array<EventSlot, events> by_event;
    std::array<Counter, 256> scans; // by CheckinOutcome
    Counter degraded, repeats, double_reads;
    std::array<Counter, 600> applications; // by HTTP status
    std::array<Counter, round_trip_ends.size() + 1> round_trips;
    Counter round_trip_microseconds;
    Counter links; // times that a worker's link came up
    std::atomic<bool> ready;
    std::atomic<ShelvedSettings*> shelf; // at the same address in all workers
    std::atomic<bool> shelf_is_complete, shelf_is_full;
};

// Owner: MainConf. The memory itself is nginx's; it outlives a reload as long as mogiri_zone keeps its size.
class Zone {
  public:
    // In the master process, when the configuration is read. False when nginx has no memory.
    bool reserve(ngx_conf_t* cf, std::size_t size);
    bool reserved() const { return zone_ != nullptr; }

    // In a worker: takes a slot for its own figures, and gives it back.
    void enter();
    void leave();
    void in_flight(std::size_t calls) { mine_->in_flight.store(calls, std::memory_order_relaxed); }

    // The last batch number of the event's ready mark that any worker saw acknowledged; 0: none yet.
    std::uint64_t last_batch(std::uint32_t event) const;
    void saw_batch(std::uint32_t event, std::uint64_t batch);

    // When a worker last saw the event's queues, in steady microseconds; 0: never.
    std::uint64_t queues_seen(std::uint32_t event) const;
    // `figures`: entries and the age of the oldest in ms, by Queue.
    void saw_queues(std::uint32_t event,
                    const std::array<std::pair<std::uint64_t, std::uint64_t>, queue_count>& figures);

    void count_scan(const CheckinReply& reply);
    void count_degraded() { ++memory().degraded; }
    void count_application(int http_status);
    void count_round_trip(std::uint64_t microseconds);
    void linked(bool up);
    // Whether functions are answered, or NOTREADY. True when that is news, to one of all workers.
    bool saw_ready(bool ready) {
        return memory().ready.load(std::memory_order_relaxed) != ready &&
               memory().ready.exchange(ready) != ready;
    }

    SharedMemory& memory() const { return *static_cast<SharedMemory*>(zone_->data); }
    ngx_slab_pool_t& slab() const { return *reinterpret_cast<ngx_slab_pool_t*>(zone_->shm.addr); }

  private:
    ngx_shm_zone_t* zone_ = nullptr;
    SharedMemory::WorkerSlot* mine_ = nullptr;
};

} // namespace mogiri::module
