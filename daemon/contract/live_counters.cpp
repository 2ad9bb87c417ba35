// Packs and unpacks a day's live counters.
#include "live_counters.hpp"

#include "big_endian.hpp"

namespace mogiri {

namespace {

constexpr std::size_t head_size = 88, gate_size = 10;

} // namespace

std::uint32_t LiveCounters::scans_in(std::int64_t now_ms, std::size_t minutes_ago) const {
    const std::int64_t at = minute - (now_ms / 60'000 - static_cast<std::int64_t>(minutes_ago));
    return at >= 0 && at < static_cast<std::int64_t>(scans.size()) ? scans[static_cast<std::size_t>(at)] : 0;
}

std::string encode(const LiveCounters& counters) {
    std::string bytes;
    put_number<4>(bytes, counters.undone_entries);
    put_number<4>(bytes, counters.undone_exits);
    for (const std::uint32_t count : counters.refused)
        put_number<4>(bytes, count);
    put_number<4>(bytes, static_cast<std::uint64_t>(counters.minute));
    for (const std::uint32_t count : counters.scans)
        put_number<4>(bytes, count);
    for (const GateCount& gate : counters.gates) {
        put_number<2>(bytes, gate.gate);
        put_number<4>(bytes, gate.entered);
        put_number<4>(bytes, gate.exited);
    }
    return bytes;
}

std::optional<LiveCounters> decode_live_counters(std::string_view bytes) {
    if (bytes.size() < head_size || (bytes.size() - head_size) % gate_size != 0)
        return std::nullopt;
    const auto number = [bytes](std::size_t at) { return static_cast<std::uint32_t>(number_at<4>(bytes, at)); };
    LiveCounters counters;
    counters.undone_entries = number(0);
    counters.undone_exits = number(4);
    for (std::size_t i = 0; i < counters.refused.size(); ++i)
        counters.refused[i] = number(8 + 4 * i);
    counters.minute = number(44);
    for (std::size_t i = 0; i < counters.scans.size(); ++i)
        counters.scans[i] = number(48 + 4 * i);
    for (std::size_t at = head_size; at < bytes.size(); at += gate_size)
        counters.gates.push_back({static_cast<std::uint16_t>(number_at<2>(bytes, at)), number(at + 2), number(at + 6)});
    return counters;
}

} // namespace mogiri
