// nginx's shared memory zone "mogiri".
#include "zone.hpp"

#include <algorithm>
#include <csignal>
#include <ctime>

namespace mogiri::module {

namespace {

ngx_int_t initialise(ngx_shm_zone_t* zone, void* data) noexcept {
    if (data != nullptr) { // kept over a reload
        zone->data = data;
        return NGX_OK;
    }
    auto* slab = reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
    static_assert(sizeof(SharedMemory) < 192 * 1024, "the smallest zone has room for the shelf, too");
    // Pages of their own, so that it is aligned.
    void* memory = ngx_slab_calloc(slab, sizeof(SharedMemory));
    if (memory == nullptr) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0, "mogiri_zone is too small: give it 256k or more");
        return NGX_ERROR;
    }
    slab->log_nomem = 0; // the shelf says it
    zone->data = new (memory) SharedMemory{};
    return NGX_OK;
}

// Where the event's number stands, or may stand: open addressing, entries are never taken out.
template <class Use> void with_slot(SharedMemory& memory, std::uint32_t event, bool claim, const Use& use) {
    for (std::size_t step = 0; step < SharedMemory::events; ++step) {
        auto& entry = memory.by_event[(event + step) % SharedMemory::events];
        std::uint32_t holder = entry.event.load();
        if (holder == 0 && claim && entry.event.compare_exchange_strong(holder, event)) {
            holder = event;
        }
        if (holder == event) {
            use(entry);
        }
        if (holder == event || holder == 0) {
            return;
        }
    }
}

// By CheckinOutcome; beyond all where nothing is counted.
constexpr auto place_of = [] {
    std::array<std::uint8_t, 256> places{};
    places.fill(0xff);
    for (std::size_t i = 0; i < counted_outcomes.size(); ++i) {
        places[static_cast<std::uint8_t>(counted_outcomes[i])] = static_cast<std::uint8_t>(i);
    }
    return places;
}();

// Counts order nothing.
void add(SharedMemory::Counter& counter, std::uint64_t more = 1) {
    counter.fetch_add(more, std::memory_order_relaxed);
}

std::uint64_t packed(GatePlace at) {
    return std::uint64_t{1} << 63 | std::uint64_t{at.event} << 16 | at.gate;
}

} // namespace

bool process_lives(std::int32_t process) {
    return kill(process, 0) == 0 || errno != ESRCH;
}

std::uint64_t steady_microseconds() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

bool Zone::reserve(ngx_conf_t* cf, std::size_t size) {
    ngx_str_t name = ngx_string("mogiri");
    zone_ = ngx_shared_memory_add(cf, &name, size, &ngx_http_mogiri_module);
    if (zone_ == nullptr) {
        return false;
    }
    zone_->init = initialise;
    return true;
}

void Zone::enter() {
    for (auto& slot : memory().workers) {
        std::int32_t holder = slot.process.load();
        const bool is_free = holder == 0 || !process_lives(holder);
        if (is_free && slot.process.compare_exchange_strong(holder, static_cast<std::int32_t>(ngx_pid))) {
            slot.connected = false;
            slot.in_flight = 0;
            mine_ = &slot;
            tally_ = &memory().tallies[static_cast<std::size_t>(&slot - memory().workers.data()) %
                                       SharedMemory::tallies_kept];
            return;
        }
    }
    // More workers than slots: the last one counts for several.
    mine_ = &memory().workers.back();
    tally_ = &memory().tallies.back();
}

void Zone::leave() {
    mine_->connected = false;
    mine_->in_flight = 0;
    mine_->process = 0;
}

std::uint64_t Zone::last_batch(std::uint32_t event) const {
    std::uint64_t number = 0;
    with_slot(memory(), event, false, [&](SharedMemory::EventSlot& slot) { number = slot.batch.load(); });
    return number;
}

void Zone::saw_batch(std::uint32_t event, std::uint64_t batch) {
    with_slot(memory(), event, true, [&](SharedMemory::EventSlot& slot) {
        std::uint64_t before = slot.batch.load();
        while (before < batch && !slot.batch.compare_exchange_weak(before, batch)) {
        }
    });
}

std::uint64_t Zone::queues_seen(std::uint32_t event) const {
    std::uint64_t when = 0;
    with_slot(memory(), event, false, [&](SharedMemory::EventSlot& slot) { when = slot.queues_seen.load(); });
    return when;
}

std::optional<std::array<std::uint64_t, queue_count>> Zone::queue_ages(std::uint32_t event) const {
    std::optional<std::array<std::uint64_t, queue_count>> ages;
    with_slot(memory(), event, false, [&](SharedMemory::EventSlot& slot) {
        if (slot.queues_hold(steady_microseconds())) {
            ages.emplace();
            std::ranges::transform(slot.queues, ages->begin(), [](const SharedMemory::QueueFigures& queue) {
                return queue.oldest_ms.load();
            });
        }
    });
    return ages;
}

void Zone::saw_queues(std::uint32_t event,
                      const std::array<std::pair<std::uint64_t, std::uint64_t>, queue_count>& figures) {
    with_slot(memory(), event, true, [&](SharedMemory::EventSlot& slot) {
        for (std::size_t i = 0; i < queue_count; ++i) {
            slot.queues[i].entries = figures[i].first;
            slot.queues[i].oldest_ms = figures[i].second;
        }
        slot.queues_seen = steady_microseconds();
    });
}

// A gate's place is claimed once and kept: they are few, so they are looked through.
SharedMemory::GateTally& Zone::tally_of(GatePlace at) {
    const std::uint64_t wanted = packed(at);
    for (std::size_t place = 0; place < SharedMemory::most_gates; ++place) {
        auto& entry = memory().gates[place];
        std::uint64_t holder = entry.load(std::memory_order_relaxed);
        if (holder == 0 && entry.compare_exchange_strong(holder, wanted)) {
            holder = wanted;
        }
        if (holder == wanted) {
            return tally_->scans[place];
        }
    }
    return tally_->scans[SharedMemory::most_gates];
}

std::optional<GatePlace> Zone::gate(std::size_t place) const {
    const std::uint64_t holder =
        place < SharedMemory::most_gates ? memory().gates[place].load(std::memory_order_relaxed) : 0;
    if (holder == 0) {
        return std::nullopt;
    }
    return GatePlace{static_cast<std::uint32_t>(holder >> 16 & 0xffffffff),
                     static_cast<std::uint16_t>(holder & 0xffff)};
}

void Zone::count_scan(GatePlace at, const CheckinReply& reply) {
    const std::size_t place = place_of[static_cast<std::uint8_t>(reply.outcome)];
    if (place <= degraded_place) {
        add(tally_of(at)[place]);
    }
    if (reply.double_read) {
        add(tally_->double_reads);
    } else if (reply.repeat) {
        add(tally_->repeats);
    }
}

void Zone::count_degraded(GatePlace at) {
    add(tally_of(at)[degraded_place]);
}

void Zone::count_application(int http_status) {
    auto& applications = memory().applications;
    if (http_status >= 0 && static_cast<std::size_t>(http_status) < applications.size()) {
        ++applications[static_cast<std::size_t>(http_status)];
    }
}

void Zone::count_round_trip(std::uint64_t microseconds) {
    std::size_t bucket = 0;
    while (bucket < round_trip_ends.size() && microseconds > round_trip_ends[bucket]) {
        ++bucket;
    }
    add(tally_->round_trips[bucket]);
    add(tally_->round_trip_microseconds, microseconds);
}

void Zone::linked(bool up) {
    mine_->connected = up;
    if (up) {
        ++memory().links;
        memory().relinks += was_linked_ ? 1 : 0;
        was_linked_ = true;
    } else {
        saw_ready(false);
    }
}

} // namespace mogiri::module
