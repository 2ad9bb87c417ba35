// Spells the names of Redis keys.
#include "redis_keys.hpp"

#include "big_endian.hpp"
#include "digest.hpp"

namespace mogiri::redis_keys {

namespace {

std::string of_event(std::uint32_t event, std::string_view rest) {
    std::string key = "{" + std::to_string(event) + "}:";
    return key.append(rest);
}

} // namespace

std::string ready(std::uint32_t event) {
    return of_event(event, "ready");
}
std::string settings(std::uint32_t event) {
    return of_event(event, "settings");
}
std::string jobs(std::uint32_t event) {
    return of_event(event, "jobs");
}
std::string calls(std::uint32_t event) {
    return of_event(event, "calls");
}
std::string logins(std::uint32_t event) {
    return of_event(event, "logins");
}
std::string exports(std::uint32_t event) {
    return of_event(event, "exports");
}

std::string mail(std::uint32_t event) {
    return of_event(event, "mail");
}
std::string outbox(std::uint32_t event) {
    return of_event(event, "outbox");
}
std::string scans(std::uint32_t event) {
    return of_event(event, "scans");
}

std::string totals(std::uint32_t event, std::uint8_t day) {
    return of_event(event, "totals:" + std::to_string(day));
}

std::string live(std::uint32_t event, std::uint8_t day) {
    return of_event(event, "live:" + std::to_string(day));
}

std::string offline_scan(std::uint32_t event, std::uint64_t serial, std::uint32_t device,
                         std::string_view nonce_digest) {
    std::string who;
    put_number<5>(who, serial);
    put_number<4>(who, device);
    who += nonce_digest;
    return of_event(event, "n:" + hex({reinterpret_cast<const std::uint8_t*>(who.data()), who.size()}));
}

std::string tickets(std::uint32_t event) {
    return of_event(event, "t:");
}

std::string ticket(std::uint32_t event, std::uint64_t serial) {
    return tickets(event) + std::to_string(serial);
}

std::string old_code(std::uint32_t event, std::string_view digest) {
    return of_event(event, "o:").append(digest);
}

std::string application(std::uint32_t event, std::string_view application_id) {
    return of_event(event, "a:").append(application_id);
}

std::string call(std::uint32_t event, std::string_view call_id) {
    return of_event(event, "c:").append(call_id);
}

std::string big_answer(std::uint32_t event, std::string_view name) {
    return of_event(event, "big:").append(name);
}

std::string chunks(std::uint32_t event, std::string_view call_id) {
    return of_event(event, "x:").append(call_id);
}

std::string room_for(std::string_view chunks) {
    return std::string(chunks).append(":room");
}

std::string session(std::string_view token_hash) {
    return std::string("{people}:session:").append(token_hash);
}

std::string sessions_of(std::int64_t account) {
    return "{people}:sessions:" + std::to_string(account);
}

std::string login_tries(std::string_view whose) {
    return std::string("{people}:tries:").append(whose);
}

std::string answers_channel(std::string_view worker_id) {
    return std::string("answers:").append(worker_id);
}

} // namespace mogiri::redis_keys
