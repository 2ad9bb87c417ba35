// The advisory locks of the ledger, all in one place so that no two mean the same number.
#pragma once

#include <cstdint>

namespace mogiri::daemon::locks {

// Single numbers (bigint), "mogiri" in front of a small one.
inline constexpr std::int64_t base = 0x6d6f67697269'0000;
inline constexpr std::int64_t migration = base + 1;
inline constexpr std::int64_t events = base + 2; // changes of events and devices
inline constexpr std::int64_t erasing = base + 3; // held by the daemon that carries erasures out

// Pairs (integer, integer): what is done by one daemon at a time for an event, given as the second number.
inline constexpr std::int32_t scan_drain = 0x6d6f0001;
inline constexpr std::int32_t rebuild = 0x6d6f0002;
inline constexpr std::int32_t waiting_list = 0x6d6f0004;
// Held by the daemon of a name, its hash given as the second number.
inline constexpr std::int32_t daemon_name = 0x6d6f0003;

} // namespace mogiri::daemon::locks
