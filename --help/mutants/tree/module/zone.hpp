// Memory that all workers share: figures for /metrics, the last batch number acknowledged per event, and the
// events' settings.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/contract/checkin.hpp"
#include "ngx.hpp"

namespace mogiri::module {

// Upper ends of the round trip histogram, in microseconds; one more bucket takes the rest.
inline constexpr std::array<std::uint64_t, 13> round_trip_ends = {
    250, 500, 1000, 2000, 5000, 10'000, 20'000, 50'000, 100'000, 200'000, 300'000, 1'000'000, 2'000'000};

// What waits in Redis for the daemon.
enum class Queue { applications, calls, logins, mails, scans };
inline constexpr std::size_t queue_count = 5;
inline constexpr std::array<std::string_view, queue_count> queue_names = {"applications", "calls", "logins",
                                                                          "mails", "scans"};

// What is counted of scans: the outcomes that are told, and scans that were told nothing.
inline constexpr std::array counted_outcomes = {
    CheckinOutcome::admitted,   CheckinOutcome::exited,         CheckinOutcome::unknown,
    CheckinOutcome::revoked,    CheckinOutcome::already_inside, CheckinOutcome::allowance_used,
    CheckinOutcome::not_inside, CheckinOutcome::not_yet,        CheckinOutcome::over,
    CheckinOutcome::wrong_gate, CheckinOutcome::venue_full,     CheckinOutcome::bad_code,
    CheckinOutcome::wrong_event};
inline constexpr std::size_t degraded_place = counted_outcomes.size();

// Where a scan was made. Both 0: at none of the first `most_gates`, or where nobody knows.
struct GatePlace {
    std::uint32_t event = 0;
    std::uint16_t gate = 0; // its number; 0: a device without a gate
};

bool process_lives(std::int32_t process);

// From a clock that never jumps.
std::uint64_t steady_microseconds();

struct ShelvedSettings;

// What lies in the shared memory. Lock-free, so a worker that is killed leaves nothing locked; the shelf
// alone is changed under the mutex of nginx's slabs (redis/settings_shelf.cpp).
struct SharedMemory {
    using Counter = std::atomic<std::uint64_t>;

    // A worker's own state; a slot whose process is gone is free.
    struct WorkerSlot {
        std::atomic<std::int32_t> process;
        std::atomic<bool> connected;
        Counter in_flight;
    };
    static constexpr std::size_t most_gates = 64; // of all events together; what is beyond counts as one
    static constexpr std::size_t tallies_kept = 8;
    using GateTally = std::array<Counter, counted_outcomes.size() + 1>;
    // What grows with every scan. Each worker has one almost to itself, so that they do not fight for a cache
    // line; it stays, and grows on, when its worker is gone: the sum over all never goes down.
    struct alignas(64) Tally {
        std::array<GateTally, most_gates + 1> scans; // by place in `gates`; the last: of all others
        Counter repeats, double_reads;
        std::array<Counter, round_trip_ends.size() + 1> round_trips;
        Counter round_trip_microseconds;
    };
    struct QueueFigures {
        Counter entries, oldest_ms;
    };
    struct EventSlot {
        std::atomic<std::uint32_t> event;
        Counter batch;
        std::array<QueueFigures, queue_count> queues; // by Queue
        Counter queues_seen;                          // when, in steady microseconds
        // Figures older than 5 s say nothing: Redis is away.
        bool queues_hold(std::uint64_t now) const {
            return queues_seen != 0 && now < queues_seen + 5'000'000;
        }
    };

    static constexpr std::size_t events = 1024;

    std::array<WorkerSlot, 128> workers;
    std::array<EventSlot, events> by_event;
    std::array<Tally, tallies_kept> tallies;
    std::array<Counter, most_gates> gates; // event << 16 | gate, plus 1 << 63; filled from the front
    std::array<Counter, 600> applications; // by HTTP status
    Counter links;                         // times that a worker's link came up
    Counter relinks;                       // those of a link that had been up before
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
    // Ages of the oldest in ms, by Queue; nothing when nobody has looked lately.
    std::optional<std::array<std::uint64_t, queue_count>> queue_ages(std::uint32_t event) const;
    // `figures`: entries and the age of the oldest in ms, by Queue.
    void saw_queues(std::uint32_t event,
                    const std::array<std::pair<std::uint64_t, std::uint64_t>, queue_count>& figures);

    void count_scan(GatePlace at, const CheckinReply& reply);
    void count_degraded(GatePlace at);
    // Where the n-th gate's scans are counted; nothing when there are not as many.
    std::optional<GatePlace> gate(std::size_t place) const;
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
    SharedMemory::GateTally& tally_of(GatePlace at);

    ngx_shm_zone_t* zone_ = nullptr;
    SharedMemory::WorkerSlot* mine_ = nullptr;
    SharedMemory::Tally* tally_ = nullptr;
    bool was_linked_ = false;
};

} // namespace mogiri::module
