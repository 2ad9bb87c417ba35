// Counts every figure as Redis has it; what nobody has counted yet is 0.
#include "door/figures.hpp"

#include <algorithm>
#include <cstdio>

#include "daemon/contract/checkin.hpp"
#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/live_counters.hpp"
#include "daemon/contract/redis_keys.hpp"

namespace mogiri::module {

namespace {

std::vector<std::uint8_t> days_of(const EventSettings& settings, std::uint8_t day) {
    std::vector<std::uint8_t> days;
    for (const EventDay& one : settings.days) {
        days.push_back(one.number);
    }
    if (std::ranges::count(days, day) == 0) {
        days.push_back(day);
    }
    return days;
}

void set(json_t* object, const char* name, json_t* value) {
    json_object_set_new(object, name, value);
}

json_t* number(std::uint64_t value) {
    return json_integer(static_cast<json_int_t>(value));
}

void set_totals(json_t* object, std::string_view text) {
    unsigned long long entered = 0, exited = 0, inside = 0;
    std::sscanf(std::string(text).c_str(), "%llu %llu %llu", &entered, &exited, &inside);
    set(object, "entered", number(entered));
    set(object, "exited", number(exited));
    set(object, "inside", number(inside));
}

json_t* gates_of(const EventSettings& settings, const LiveCounters& counters) {
    json_t* gates = json_array();
    const auto add = [gates](std::string_view id, const GateCount& count) {
        json_t* gate = json_object();
        set(gate, "gate", json_of(id));
        set(gate, "entered", number(count.entered));
        set(gate, "exited", number(count.exited));
        json_array_append_new(gates, gate);
    };
    for (const Gate& gate : settings.gates) {
        const auto found = std::ranges::find(counters.gates, gate.number, &GateCount::gate);
        add(gate.id, found == counters.gates.end() ? GateCount{} : *found);
    }
    for (const GateCount& count : counters.gates) { // of a gate that is gone, or of devices without one
        if (settings.gate_numbered(count.gate) == nullptr) {
            add(std::to_string(count.gate), count);
        }
    }
    return gates;
}

json_t* refusals_of(const LiveCounters& counters) {
    json_t* refused = json_object();
    for (std::size_t i = 0; i < counters.refused.size(); ++i) {
        const auto outcome = static_cast<CheckinOutcome>(LiveCounters::first_refusal + i);
        json_object_set_new(refused, std::string(outcome_name(outcome)).c_str(), number(counters.refused[i]));
    }
    return refused;
}

} // namespace

std::vector<std::string> figure_keys(const EventSettings& settings, std::uint8_t day) {
    std::vector<std::string> keys{redis_keys::live(settings.number, day)};
    for (const std::uint8_t one : days_of(settings, day)) {
        keys.push_back(redis_keys::totals(settings.number, one));
    }
    return keys;
}

std::string figures_json(const EventSettings& settings, std::uint8_t day, std::int64_t now_ms,
                         std::span<const std::string_view> values) {
    const LiveCounters counters = decode_live_counters(values[0]).value_or(LiveCounters{});
    const Json json(json_object());
    set(json.get(), "event", json_of(settings.slug));
    set(json.get(), "day", json_integer(day));
    json_t* days = json_array();
    for (std::size_t i = 1; const std::uint8_t one : days_of(settings, day)) {
        json_t* of_day = json_object();
        set(of_day, "day", json_integer(one));
        set_totals(of_day, values[i]);
        json_array_append_new(days, of_day);
        if (one == day) {
            set_totals(json.get(), values[i]);
        }
        ++i;
    }
    set(json.get(), "days", days);
    json_t* undone = json_object();
    set(undone, "entries", number(counters.undone_entries));
    set(undone, "exits", number(counters.undone_exits));
    set(json.get(), "undone", undone);
    set(json.get(), "gates", gates_of(settings, counters));
    set(json.get(), "refused", refusals_of(counters));
    json_t* minutes = json_array();
    for (std::size_t ago = 0; ago < counters.scans.size(); ++ago) {
        json_array_append_new(minutes, number(counters.scans_in(now_ms, ago)));
    }
    set(json.get(), "scans_per_minute", minutes);
    return json_text(json.get());
}

} // namespace mogiri::module
