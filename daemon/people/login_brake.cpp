// Slows down who tries passwords, by counts in Redis.
#include "login_brake.hpp"

#include <event_settings.hpp>
#include <form.hpp>
#include <redis_keys.hpp>
#include <session.hpp>

namespace mogiri::daemon {

namespace {

std::string waiting(const std::string& key) {
    return key + ":wait";
}

} // namespace

std::string network_of(std::string_view origin) {
    const char mark = origin.find(':') == origin.npos ? '.' : ':';
    std::size_t end = 0;
    for (int part = 0; part < 3 && end != origin.npos; ++part)
        end = origin.find(mark, part == 0 ? 0 : end + 1);
    return std::string(origin.substr(0, end));
}

LoginBrake::LoginBrake(Redis& redis, std::string_view login, std::string_view origin)
    : redis_(redis), name_(redis_keys::login_tries("name:" + token_hash(login))),
      network_(redis_keys::login_tries("network:" + network_of(origin))) {}

std::chrono::seconds LoginBrake::wait() {
    return std::chrono::seconds(
        redis_
            .command({"FCALL", "mogiri_try", "4", name_, waiting(name_), network_, waiting(network_),
                      std::to_string(free_of_a_name), std::to_string(free_of_a_network),
                      std::to_string(longest.count()), std::to_string(remembered.count())})
            .integer());
}

void LoginBrake::release() {
    redis_.command({"DEL", name_, waiting(name_)});
    redis_.command({"DECR", network_});
}

} // namespace mogiri::daemon
