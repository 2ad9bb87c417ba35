// The door: gathers scans into batches, one function call each, and answers every scan once.
//
// Owner: the Worker. Scans that arrive while batches are under way leave together when one comes back. From
// its arrival on Redis may begin with a scan for `scan_deadline`, and its client waits for `longest_scan`,
// then gets 503 degraded: what lies between is for the fsync and the way back. A decision that takes longer
// still is told by the same nonce.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "daemon/contract/checkin.hpp"
#include "daemon/contract/ticket_code.hpp"
#include "door/verdict.hpp"
#include "http/parked.hpp"
#include "recycled.hpp"
#include "redis/link.hpp"
#include "redis/settings_cache.hpp"
#include "zone.hpp"

namespace mogiri::module {

inline constexpr ngx_msec_t longest_scan = 300;    // milliseconds
inline constexpr std::int64_t scan_deadline = 240; // milliseconds

// A scan whose code is genuine and of this event.
struct DoorScan {
    SettingsPtr settings;           // under which it was asked
    const Device* device = nullptr; // one of theirs; null: a person asks
    TicketId ticket;
    Direction direction = Direction::entry;
    std::string nonce_digest;
    std::optional<std::string> gate; // as asked for
    Supervision supervision = Supervision::none;
    std::string note = {}; // a ScanNote's
};

enum class Unfit { device, gate };
// The scan in the numbers of these settings, or what they do not have.
std::variant<CheckinItem, Unfit> item_of(const DoorScan& scan, const EventSettings& settings, std::int64_t deadline);

// How one API words a verdict.
using SendVerdict = ngx_int_t (*)(Request, const Verdict&, const EventSettings&);

class Door {
  public:
    Door(RedisLink& link, SettingsCache& settings, Zone& zone, ngx_log_t* log);

    // Answers at once when it cannot be asked or the device or gate is none of the event's; else parks the
    // request.
    ngx_int_t enter(Request request, DoorScan scan, SendVerdict send_verdict);
    // The same for a request that is parked already: the end of what Parked::answer() is given.
    ngx_int_t enter(const std::shared_ptr<Parked>& parked, DoorScan scan, SendVerdict send_verdict);

    static constexpr std::size_t largest_batch = 64;
    static constexpr std::size_t most_batches = 4; // under way at once, per event: they share Redis's fsync
    static constexpr std::size_t most_waiting = 4096; // scans, then 503

  private:
    struct Waiting : Recycled<Waiting> {
        std::shared_ptr<Parked> parked;
        SettingsPtr settings; // of `item`: the scan's, or newer ones
        DoorScan scan;
        CheckinItem item;
        SendVerdict send_verdict;
        bool asked_again = false; // after a SETTINGS error

        Waiting(std::shared_ptr<Parked> parked, DoorScan scan, CheckinItem item, SendVerdict send_verdict)
            : parked(std::move(parked)), settings(scan.settings), scan(std::move(scan)), item(std::move(item)),
              send_verdict(send_verdict) {}
    };
    using WaitingPtr = std::unique_ptr<Waiting>;
    using Batch = std::vector<WaitingPtr>;
    struct Queue {
        std::deque<WaitingPtr> waiting;
        std::size_t batches = 0;
    };

    // What the scan is in the event's numbers; else answers, and says how that went.
    std::variant<CheckinItem, ngx_int_t> let_in(Request request, const DoorScan& scan);
    void queue(std::shared_ptr<Parked> parked, DoorScan scan, CheckinItem item, SendVerdict send_verdict);
    void send_batches();
    Batch next_batch(Queue& queue);
    static void sort_by_group(Batch& batch);
    void send_batch(std::uint32_t event, Batch batch);
    void batch_answered(std::uint32_t event, Batch& batch, std::uint8_t day, std::uint64_t sent,
                        RedisReply reply);
    void decide(Waiting& waiting, std::uint8_t day, std::uint64_t sent, std::int64_t now, RedisReply reply);
    void say_damaged(const TicketId& ticket);
    void settings_are_old(std::uint32_t event, Batch batch);
    void ask_again(std::uint32_t event, Batch& batch);
    void degrade(const Batch& batch);

    RedisLink& link_;
    SettingsCache& settings_;
    Zone& zone_;
    ngx_log_t* log_;
    std::size_t waiting_ = 0;
    ngx_msec_t said_damaged_ = 0;
    std::map<std::uint32_t, Queue> queues_;
    EndOfTurn send_;
};

} // namespace mogiri::module
