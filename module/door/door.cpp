// Batches at the door.
#include "door/door.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include "daemon/contract/crash_point.hpp"
#include "directives.hpp"
#include "door/checkin_call.hpp"
#include "door/scan.hpp"
#include "door/scanner.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"

namespace mogiri::module {

namespace {

ngx_int_t send_unfit(Request request, Unfit unfit) {
    switch (unfit) {
    case Unfit::device:
        return send_problem(request, bad_device_key());
    case Unfit::gate:
        break;
    }
    return send_problem(request, unknown_gate(request.language()));
}

ngx_int_t send_degraded(Request request) {
    Context& notes = context(request);
    notes.outcome = notes.reason = "degraded";
    request.main_conf().zone.count_degraded(notes.gate);
    return send_problem(request, degraded(request.language()));
}

} // namespace

std::variant<CheckinItem, Unfit> item_of(const DoorScan& scan, const EventSettings& settings,
                                         std::int64_t deadline) {
    CheckinItem item{.direction = scan.direction,
                     .nonce_digest = scan.nonce_digest,
                     .deadline_ms = deadline,
                     .supervision = scan.supervision,
                     .note = scan.note};
    if (scan.device != nullptr) {
        const Device* device = &settings == scan.settings.get() ? scan.device : settings.device_with_key(scan.device->key_hash);
        if (device == nullptr) {
            return Unfit::device;
        }
        item.gate = device->gate;
        item.device = device->number;
    }
    const Gate* gate = scan.gate ? settings.gate(*scan.gate) : settings.gate_numbered(item.gate);
    if (scan.gate && gate == nullptr) {
        return Unfit::gate;
    }
    if (gate != nullptr) {
        item.gate = gate->number;
        item.kinds = gate->kinds;
    }
    return item;
}

Door::Door(RedisLink& link, SettingsCache& settings, Zone& zone, ngx_log_t* log)
    : link_(link), settings_(settings), zone_(zone), log_(log), send_(log, [this] { send_batches(); }) {}

ngx_int_t Door::enter(Request request, DoorScan scan, SendVerdict send_verdict) {
    auto item = let_in(request, scan);
    if (const auto* sent = std::get_if<ngx_int_t>(&item)) {
        return *sent;
    }
    queue(Parked::park(request, longest_scan, send_degraded), std::move(scan), std::get<CheckinItem>(std::move(item)), send_verdict);
    return NGX_DONE;
}

ngx_int_t Door::enter(const std::shared_ptr<Parked>& parked, DoorScan scan, SendVerdict send_verdict) {
    auto item = let_in(parked->request(), scan);
    if (const auto* sent = std::get_if<ngx_int_t>(&item)) {
        return *sent;
    }
    parked->wait_longer(longest_scan, send_degraded);
    queue(parked, std::move(scan), std::get<CheckinItem>(std::move(item)), send_verdict);
    return Parked::still_parked;
}

std::variant<CheckinItem, ngx_int_t> Door::let_in(Request request, const DoorScan& scan) {
    auto item = item_of(scan, *scan.settings, now_ms() + scan_deadline);
    if (const auto* unfit = std::get_if<Unfit>(&item)) {
        return send_unfit(request, *unfit);
    }
    if (!link_.ready() || waiting_ >= most_waiting) {
        return send_degraded(request);
    }
    return std::get<CheckinItem>(std::move(item));
}

void Door::queue(std::shared_ptr<Parked> parked, DoorScan scan, CheckinItem item, SendVerdict send_verdict) {
    Queue& queue = queues_[scan.settings->number];
    queue.waiting.push_back(std::make_unique<Waiting>(std::move(parked), std::move(scan), std::move(item), send_verdict));
    ++waiting_;
    send_.request();
    MOGIRI_CRASH_POINT("module.door.joined");
}

void Door::send_batches() {
    for (auto& [event, queue] : queues_) {
        while (queue.batches < most_batches && !queue.waiting.empty()) {
            Batch batch = next_batch(queue);
            if (!batch.empty()) {
                ++queue.batches;
                send_batch(event, std::move(batch));
            }
        }
    }
}

// The scans in front that were made under the same settings, without those whose time is up.
Door::Batch Door::next_batch(Queue& queue) {
    Batch batch;
    batch.reserve(std::min(queue.waiting.size(), largest_batch));
    while (!queue.waiting.empty() && batch.size() < largest_batch) {
        WaitingPtr& next = queue.waiting.front();
        if (next->parked->gone()) {
            --waiting_;
        } else if (batch.empty() || batch.front()->settings == next->settings) {
            batch.push_back(std::move(next));
        } else {
            break;
        }
        queue.waiting.pop_front();
    }
    return batch;
}

// Scans that ask for the same at the same gate come one after the other, which makes the function's work least.
void Door::sort_by_group(Batch& batch) {
    const auto group = [](const WaitingPtr& waiting) {
        const CheckinItem& item = waiting->item;
        return std::tuple(item.gate, item.direction, item.supervision, item.kinds);
    };
    const auto comes_first = [&](const WaitingPtr& one, const WaitingPtr& other) { return group(one) < group(other); };
    if (!std::is_sorted(batch.begin(), batch.end(), comes_first)) {
        std::stable_sort(batch.begin(), batch.end(), comes_first);
    }
}

void Door::send_batch(std::uint32_t event, Batch batch) {
    const EventSettings& settings = *batch.front()->settings;
    const CurrentDay today = settings.day_at(now_ms());
    sort_by_group(batch);
    CheckinCall call(settings, today, link_.run_id(), zone_.last_batch(event));
    for (const WaitingPtr& waiting : batch) {
        call.add(waiting->scan.ticket.serial, waiting->item);
    }
    const std::uint64_t sent = steady_microseconds();
    // Shared, for std::function wants to be copyable; there is one holder.
    const auto held = std::make_shared<Batch>(std::move(batch));
    if (!link_.call(call.arguments(), [this, event, held, day = today.day, sent](RedisReply reply) {
            batch_answered(event, *held, day, sent, reply);
        })) {
        --queues_[event].batches;
        degrade(*held);
    }
    MOGIRI_CRASH_POINT("module.door.called");
}

void Door::batch_answered(std::uint32_t event, Batch& batch, std::uint8_t day, std::uint64_t sent,
                          RedisReply reply) {
    --queues_[event].batches;
    send_.request();
    if (reply.is_error("SETTINGS")) {
        settings_are_old(event, std::move(batch));
        return;
    }
    if (!reply.is_array() || reply.size() != batch.size() + 2) {
        // Said once per outage, not once per batch.
        if (zone_.saw_ready(false) && reply.is_error()) {
            const ngx_str_t what = borrowed(reply.text());
            ngx_log_error(NGX_LOG_WARN, log_, 0, "mogiri: check-in for event %uD: %V", event, &what);
        }
        degrade(batch);
        return;
    }
    MOGIRI_CRASH_POINT("module.door.replied");
    zone_.saw_batch(event, static_cast<std::uint64_t>(reply[0].integer()));
    zone_.saw_ready(true);
    MOGIRI_CRASH_POINT("module.door.batch_noted");
    for (std::size_t i = 0; i < batch.size(); ++i) {
        decide(*batch[i], day, sent, reply[1].integer(), reply[i + 2]);
    }
}

void Door::decide(Waiting& waiting, std::uint8_t day, std::uint64_t sent, std::int64_t now, RedisReply reply) {
    --waiting_;
    const auto decided = decode_checkin_reply(reply.text(), waiting.item, now);
    if (decided && decided->outcome == CheckinOutcome::damaged) {
        say_damaged(waiting.scan.ticket);
    }
    waiting.parked->answer([&](Request request) {
        context(request).redis_microseconds = steady_microseconds() - sent;
        if (!decided || decided->outcome == CheckinOutcome::late ||
            decided->outcome == CheckinOutcome::damaged) {
            return send_degraded(request);
        }
        return waiting.send_verdict(request, {*decided, day}, *waiting.settings);
    });
    MOGIRI_CRASH_POINT("module.door.answered");
}

// Scanners come again and again with such a ticket: once a second is enough.
void Door::say_damaged(const TicketId& ticket) {
    if (said_damaged_ != 0 && ngx_current_msec - said_damaged_ < 1000) {
        return;
    }
    said_damaged_ = ngx_current_msec;
    ngx_log_error(NGX_LOG_ERR, log_, 0,
                  "mogiri: event %uD: what Redis holds for ticket %uL is no ticket record; its scans get 503",
                  ticket.event, ticket.serial);
}

// The event changed under way: a device may have been revoked, a gate renamed. Each scan is fitted into the
// new settings, once.
void Door::settings_are_old(std::uint32_t event, Batch batch) {
    if (batch.front()->asked_again) {
        degrade(batch);
        return;
    }
    const auto held = std::make_shared<Batch>(std::move(batch));
    if (!settings_.refetch(event, [this, event, held](bool fetched) {
            if (fetched) {
                ask_again(event, *held);
            } else {
                degrade(*held);
            }
        })) {
        degrade(*held);
    }
}

void Door::ask_again(std::uint32_t event, Batch& batch) {
    const SettingsPtr settings = settings_.numbered(event);
    if (settings == nullptr) {
        degrade(batch);
        return;
    }
    Queue& queue = queues_[event];
    for (WaitingPtr& waiting : batch) {
        auto item = item_of(waiting->scan, *settings, waiting->item.deadline_ms);
        if (const auto* unfit = std::get_if<Unfit>(&item)) {
            --waiting_;
            waiting->parked->answer([unfit](Request request) { return send_unfit(request, *unfit); });
            continue;
        }
        waiting->settings = settings;
        waiting->item = std::get<CheckinItem>(std::move(item));
        waiting->asked_again = true;
        queue.waiting.push_back(std::move(waiting));
    }
    send_.request();
}

void Door::degrade(const Batch& batch) {
    waiting_ -= batch.size();
    for (const WaitingPtr& waiting : batch) {
        waiting->parked->answer(send_degraded);
    }
}

} // namespace mogiri::module
