// Slows down who tries passwords, by counts in Redis.
#include "login_brake.hpp"

#include <algorithm>

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
    std::int64_t longest_ms = 0;
    for (const std::string& key : {name_, network_})
        longest_ms = std::max<std::int64_t>(longest_ms, redis_.command({"PTTL", waiting(key)}).integer());
    return std::chrono::seconds((longest_ms + 999) / 1000);
}

void LoginBrake::count() {
    count(name_, free_of_a_name);
    count(network_, free_of_a_network);
}

void LoginBrake::count(const std::string& key, int free) {
    const std::int64_t tries = redis_.command({"INCR", key}).integer();
    redis_.command({"EXPIRE", key, std::to_string(remembered.count())});
    if (tries < free)
        return;
    const std::int64_t doubled = std::int64_t{1} << std::min<std::int64_t>(tries - free, 10);
    redis_.command(
        {"SET", waiting(key), "1", "EX", std::to_string(std::min<std::int64_t>(doubled, longest.count()))});
}

void LoginBrake::release() {
    redis_.command({"DEL", name_, waiting(name_)});
    redis_.command({"DECR", network_});
}

} // namespace mogiri::daemon
