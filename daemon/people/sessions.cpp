// Who is logged in: sessions in Redis, and beside them a list for each account.
#include "sessions.hpp"

#include <algorithm>

#include <json_owner.hpp>
#include <redis_keys.hpp>

namespace mogiri::daemon {

namespace {

constexpr std::string_view lent_for_s = "60";

std::int64_t now_ms(Redis& redis) {
    const Reply time = redis.command({"TIME"});
    return std::stoll(time[0].string()) * 1000 + std::stoll(time[1].string()) / 1000;
}

} // namespace

void Sessions::open(std::int64_t account, std::string_view hash, const Principal& principal,
                    std::string_view origin, std::chrono::seconds idle, std::chrono::seconds absolute) {
    const std::int64_t now = now_ms(redis_), idle_ms = idle.count() * 1000;
    const std::string list = redis_keys::sessions_of(account);
    const Json about(json_object());
    json_object_set_new(about.get(), "started_ms", json_integer(now));
    json_object_set_new(about.get(), "origin", json_of(origin));
    // First the session: whoever lists them meanwhile would take one without it off the list.
    redis_.command({"SET", redis_keys::session(hash),
                    session_text(principal, idle_ms, now + absolute.count() * 1000), "PX",
                    std::to_string(std::min(idle_ms, absolute.count() * 1000))});
    redis_.command({"HSET", list, hash, json_text(about.get())});
    redis_.command({"EXPIRE", list, std::to_string(absolute.count())});
}

std::vector<OpenSession> Sessions::list(std::int64_t account) {
    const std::string key = redis_keys::sessions_of(account);
    const Reply found = redis_.command({"HGETALL", key});
    std::vector<OpenSession> open;
    for (std::size_t i = 0; i + 1 < found.size(); i += 2) {
        const std::string hash = found[i].string();
        if (redis_.command({"EXISTS", redis_keys::session(hash)}).integer() == 0) {
            redis_.command({"HDEL", key, hash});
            continue;
        }
        const Json about = parse_json(found[i + 1].text());
        open.push_back({hash, json_integer_value(json_object_get(about.get(), "started_ms")),
                        std::string(text_of(json_object_get(about.get(), "origin")))});
    }
    std::ranges::sort(open, {}, &OpenSession::started_ms);
    return open;
}

void Sessions::end(std::int64_t account, std::string_view hash) {
    redis_.command({"DEL", redis_keys::session(hash)});
    redis_.command({"HDEL", redis_keys::sessions_of(account), hash});
}

void Sessions::end_all(std::int64_t account) {
    for (const OpenSession& session : list(account))
        end(account, session.hash);
}

void Sessions::lend(std::string_view hash, const Principal& principal) {
    redis_.command({"SET", redis_keys::session(hash), session_text(principal, 0, 0), "EX", lent_for_s});
}

void Sessions::take_back(std::string_view hash) {
    redis_.command({"DEL", redis_keys::session(hash)});
}

} // namespace mogiri::daemon
