// Has Redis write its append-only file anew, and watches it do so.
#include "aof_rewrite.hpp"

#include "../back_off.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

// A line of INFO: "aof_rewrites:3".
std::string figure(const ReplyView& info, std::string_view name) {
    const std::string_view text = info.text();
    const std::string line = "\n" + std::string(name) + ":";
    const std::size_t at = text.find(line);
    if (at == text.npos)
        return "";
    const std::size_t begin = at + line.size();
    return std::string(text.substr(begin, text.find('\r', begin) - begin));
}

bool is_rewriting(const ReplyView& info) {
    return figure(info, "aof_rewrite_in_progress") == "1" || figure(info, "aof_rewrite_scheduled") == "1";
}

bool await_rest(Redis& redis, const std::stop_token& stop, Pulse& pulse) {
    while (is_rewriting(redis.command({"INFO", "persistence"}))) {
        pulse.beat();
        if (!pause(stop, 20ms))
            return false;
    }
    return true;
}

} // namespace

bool rewrite_aof(Redis& redis, const std::stop_token& stop, Pulse& pulse) {
    // One that runs already began before what must go was deleted.
    if (!await_rest(redis, stop, pulse))
        return false;
    const std::string before = figure(redis.command({"INFO", "persistence"}), "aof_rewrites");
    redis.command({"BGREWRITEAOF"});
    if (!await_rest(redis, stop, pulse))
        return false;
    const Reply after = redis.command({"INFO", "persistence"});
    if (figure(after, "aof_rewrites") == before || figure(after, "aof_last_bgrewrite_status") != "ok")
        throw RefusedCommand("BGREWRITEAOF did not end well: Redis's log tells why");
    return true;
}

} // namespace mogiri::daemon
