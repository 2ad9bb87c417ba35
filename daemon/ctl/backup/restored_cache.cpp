// What a restored ledger leaves of Redis: nothing but what nobody has put into a ledger yet.
#include "ctl/backup/restored_cache.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "cache/mark.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::int64_t body_hash_size = 32; // of an application without an answer nothing else is kept

void each_key(Redis& redis, const std::function<void(const std::string&)>& look) {
    std::string cursor = "0";
    do {
        const Reply page = redis.command({"SCAN", cursor, "COUNT", "1000"});
        cursor = page[0].string();
        for (std::size_t i = 0; i < page[1].size(); ++i)
            if (const std::string key = page[1][i].string(); key.starts_with('{') || key == "events")
                look(key);
    } while (cursor != "0");
}

std::string_view behind_event(std::string_view key) {
    return key.substr(std::min(key.find("}:"), key.size() - std::min<std::size_t>(key.size(), 2)) + 2);
}

} // namespace

CacheContents look_into(Redis& redis) {
    CacheContents found;
    each_key(redis, [&](const std::string& key) {
        ++found.keys;
        const std::string_view what = behind_event(key);
        if (what == "jobs")
            found.jobs += redis.command({"XLEN", key}).integer();
        if (what == "scans")
            found.scans += redis.command({"XLEN", key}).integer();
        if (what == "ready")
            found.epoch =
                std::max(found.epoch, epoch_of_mark(redis.command({"GET", key}).text()).value_or(0));
    });
    return found;
}

void clear(Redis& redis) {
    std::vector<std::string> rest;
    each_key(redis, [&](const std::string& key) {
        const std::string_view what = behind_event(key);
        if (what == "ready")
            redis.command({"DEL", key});
        else if (what != "jobs" && what != "scans" &&
                 !(what.starts_with("a:") && redis.command({"STRLEN", key}).integer() == body_hash_size))
            rest.push_back(key);
    });
    for (std::size_t i = 0; i < rest.size(); ++i) {
        redis.queue({"DEL", rest[i]});
        if (i % 1000 == 999)
            redis.flush();
    }
    redis.flush();
}

} // namespace mogiri::daemon
