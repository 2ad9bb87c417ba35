// Every key and channel name in Redis. `e` is an event's number; the braces are a cluster hash tag.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mogiri::redis_keys {

inline constexpr std::string_view events = "events"; // JSON list of what events there are
inline constexpr std::string_view settings_channel =
    "settings";                                              // an event's number, when its settings changed
inline constexpr std::string_view road_group = "road";       // consumer group of {e}:jobs
inline constexpr std::string_view calls_group = "calls";     // consumer group of {e}:calls
inline constexpr std::string_view logins_group = "logins";   // consumer group of {e}:logins
inline constexpr std::string_view exports_group = "exports"; // consumer group of {e}:exports
inline constexpr std::string_view mail_group = "mail";       // consumer group of {e}:mail

std::string ready(std::uint32_t event);
std::string settings(std::uint32_t event);
std::string jobs(std::uint32_t event);
std::string calls(std::uint32_t event);
std::string logins(std::uint32_t event);
std::string exports(std::uint32_t event);
std::string mail(std::uint32_t event);
std::string outbox(std::uint32_t event);
std::string scans(std::uint32_t event);
std::string totals(std::uint32_t event, std::uint8_t day);
std::string live(std::uint32_t event, std::uint8_t day); // live_counters.hpp
std::string tickets(std::uint32_t event); // what the keys of all tickets begin with
std::string ticket(std::uint32_t event, std::uint64_t serial);
// The answer to a scan that was decided offline, as the ticket's record remembers it. `nonce_digest`: 8 bytes.
std::string offline_scan(std::uint32_t event, std::uint64_t serial, std::uint32_t device,
                         std::string_view nonce_digest);
std::string old_code(std::uint32_t event, std::string_view digest);
std::string application(std::uint32_t event, std::string_view application_id);
std::string call(std::uint32_t event, std::string_view call_id);
std::string big_answer(std::uint32_t event, std::string_view name);
// The chunks of an answer that is streamed, and the room that their reader makes for more.
std::string chunks(std::uint32_t event, std::string_view call_id);
std::string room_for(std::string_view chunks);
// Of what belongs to no event. `token_hash`: of a session's or a program's secret, see session.hpp.
std::string session(std::string_view token_hash);
std::string sessions_of(std::int64_t account);
std::string login_tries(std::string_view whose);
std::string answers_channel(std::string_view worker_id);

} // namespace mogiri::redis_keys
