// Reads the shared memory into Prometheus's text format.
#include "metrics.hpp"

#include <cstdio>
#include <string>

#include "daemon/contract/checkin.hpp"
#include "directives.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

class Exposition {
  public:
    void family(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        (text_ += "# HELP ").append(name).append(" ").append(help) += '\n';
        (text_ += "# TYPE ").append(name).append(" ").append(type) += '\n';
    }
    void sample(std::string_view suffix, const std::string& labels, const std::string& value) {
        text_.append(name_).append(suffix);
        if (!labels.empty()) {
            text_.append("{").append(labels).append("}");
        }
        text_.append(" ").append(value) += '\n';
    }
    void sample(const std::string& labels, std::uint64_t value) { sample("", labels, std::to_string(value)); }
    const std::string& text() const { return text_; }

  private:
    std::string text_;
    std::string_view name_;
};

std::string seconds(std::uint64_t microseconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", static_cast<double>(microseconds) / 1e6);
    return text;
}

// Over all workers that there ever were.
template <class Pick> std::uint64_t sum(const SharedMemory& memory, const Pick& pick) {
    std::uint64_t total = 0;
    for (const SharedMemory::Tally& tally : memory.tallies) {
        total += pick(tally).load(std::memory_order_relaxed);
    }
    return total;
}

std::string quoted(std::string_view text) {
    std::string value = "\"";
    for (const char character : text) {
        if (character == '\n') {
            value += "\\n";
            continue;
        }
        if (character == '"' || character == '\\') {
            value += '\\';
        }
        value += character;
    }
    return value + '"';
}

// Its id, while the event has it.
std::string gate_labels(const SettingsCache& events, GatePlace at) {
    const SettingsPtr settings = events.numbered(at.event);
    const Gate* gate = settings == nullptr ? nullptr : settings->gate_numbered(at.gate);
    const std::string name = gate != nullptr ? gate->id : at.gate == 0 ? "" : std::to_string(at.gate);
    return "event=\"" + std::to_string(at.event) + "\",gate=" + quoted(name) + ",";
}

void add_scans_at(Exposition& to, const SharedMemory& memory, const std::string& labels, std::size_t gate) {
    for (std::size_t place = 0; place <= degraded_place; ++place) {
        const bool degraded = place == degraded_place;
        const bool refusal = !degraded && is_refusal(counted_outcomes[place]);
        const std::string name(degraded ? "degraded" : outcome_name(counted_outcomes[place]));
        to.sample(
            labels + "outcome=\"" + (refusal ? "refused" : name) + "\",reason=\"" +
                (refusal || degraded ? name : "") + '"',
            sum(
                memory, [&](const SharedMemory::Tally& tally) -> auto& { return tally.scans[gate][place]; }));
    }
}

void add_scans(Exposition& to, const Zone& zone, const SettingsCache& events) {
    const SharedMemory& memory = zone.memory();
    to.family("mogiri_scans_total", "counter", "Scans answered, by event, gate, outcome and reason.");
    std::size_t place = 0;
    while (const auto at = zone.gate(place)) {
        add_scans_at(to, memory, gate_labels(events, *at), place++);
    }
    if (place == SharedMemory::most_gates) {
        add_scans_at(to, memory, "event=\"other\",gate=\"other\",", place);
    }
    to.family("mogiri_scan_repeats_total", "counter", "Scans answered with an earlier answer.");
    to.sample("kind=\"nonce\"", sum(
                                    memory, [](const auto& tally) -> auto& { return tally.repeats; }));
    to.sample("kind=\"double_read\"",
              sum(
                  memory, [](const auto& tally) -> auto& { return tally.double_reads; }));
}

void add_applications(Exposition& to, const SharedMemory& memory) {
    to.family("mogiri_applications_total", "counter", "Applications answered, by HTTP status.");
    for (std::size_t status = 0; status < memory.applications.size(); ++status) {
        if (memory.applications[status] != 0) {
            to.sample("status=\"" + std::to_string(status) + "\"", memory.applications[status]);
        }
    }
}

void add_redis(Exposition& to, const SharedMemory& memory) {
    to.family("mogiri_redis_round_trip_seconds", "histogram", "From a call to Redis to its answer.");
    std::uint64_t count = 0;
    for (std::size_t i = 0; i <= round_trip_ends.size(); ++i) {
        count += sum(
            memory, [i](const auto& tally) -> auto& { return tally.round_trips[i]; });
        to.sample("_bucket",
                  "le=\"" + (i < round_trip_ends.size() ? seconds(round_trip_ends[i]) : "+Inf") + "\"",
                  std::to_string(count));
    }
    to.sample("_sum", "",
              seconds(sum(
                  memory, [](const auto& tally) -> auto& { return tally.round_trip_microseconds; })));
    to.sample("_count", "", std::to_string(count));

    std::uint64_t workers = 0, connected = 0, in_flight = 0;
    for (const SharedMemory::WorkerSlot& slot : memory.workers) {
        if (slot.process != 0 && process_lives(slot.process)) {
            ++workers;
            connected += slot.connected ? 1 : 0;
            in_flight += slot.in_flight;
        }
    }
    to.family("mogiri_workers", "gauge", "nginx workers that run the module.");
    to.sample("", workers);
    to.family("mogiri_redis_connected", "gauge", "Workers whose link to Redis is up.");
    to.sample("", connected);
    to.family("mogiri_redis_in_flight", "gauge", "Calls to Redis that wait for their answer.");
    to.sample("", in_flight);
    to.family("mogiri_redis_connections_total", "counter", "Times that a link to Redis came up.");
    to.sample("", memory.links);
    to.family("mogiri_redis_reconnects_total", "counter", "Times that a link to Redis came up again.");
    to.sample("", memory.relinks);
    to.family("mogiri_ready", "gauge",
              "1 when Redis's functions took the last call, 0 when it was NOTREADY or away.");
    to.sample("", memory.ready ? 1 : 0);
}

struct QueueFamily {
    Queue queue;
    std::string_view entries, entries_help, oldest, oldest_help;
};

constexpr QueueFamily queue_families[] = {
    {Queue::applications, "mogiri_applications_waiting", "Applications that mogirid has not answered.",
     "mogiri_applications_oldest_seconds", "Age of the oldest of them."},
    {Queue::calls, "mogiri_calls_waiting", "Calls that mogirid has not answered.",
     "mogiri_calls_oldest_seconds", "Age of the oldest of them."},
    {Queue::logins, "mogiri_logins_waiting", "Logins that mogirid has not answered.",
     "mogiri_logins_oldest_seconds", "Age of the oldest of them."},
    {Queue::mails, "mogiri_mails_waiting", "Mails that are owed: neither sent nor given up.",
     "mogiri_mails_oldest_seconds", "Age of the oldest of them."},
    {Queue::scans, "mogiri_scans_undrained",
     "Entries of the scan log, one to 32 scans each, that are not in PostgreSQL.", "mogiri_scan_lag_seconds",
     "Age of the oldest of them: how far PostgreSQL is behind the door."},
};

void add_queues(Exposition& to, const SharedMemory& memory) {
    const std::uint64_t now = steady_microseconds();
    const auto add = [&](std::string_view name, std::string_view help, const auto& value) {
        to.family(name, "gauge", help);
        for (const SharedMemory::EventSlot& slot : memory.by_event) {
            if (slot.event != 0 && slot.queues_hold(now)) {
                to.sample("", "event=\"" + std::to_string(slot.event) + "\"", value(slot));
            }
        }
    };
    for (const QueueFamily& family : queue_families) {
        const auto queue = static_cast<std::size_t>(family.queue);
        add(family.entries, family.entries_help, [queue](const SharedMemory::EventSlot& slot) {
            return std::to_string(slot.queues[queue].entries);
        });
        add(family.oldest, family.oldest_help, [queue](const SharedMemory::EventSlot& slot) {
            return seconds(slot.queues[queue].oldest_ms * 1000);
        });
    }
}

} // namespace

ngx_int_t serve_metrics(Request request) {
    const Zone& zone = request.main_conf().zone;
    const SharedMemory& memory = zone.memory();
    Exposition exposition;
    add_scans(exposition, zone, worker().settings);
    add_applications(exposition, memory);
    add_redis(exposition, memory);
    add_queues(exposition, memory);
    return send(request, {.content_type = "text/plain; version=0.0.4", .body = exposition.text()});
}

} // namespace mogiri::module
