// The doctor's look at Redis: reachable, durable, and with our functions.
#include <array>

#include "contract/function_library.hpp"
#include "ctl/system/doctor.hpp"
#include "redis_memory.hpp"

namespace mogiri::daemon {

namespace {

struct Setting {
    const char *name, *value, *why;
};

// The daemon checks the same ones before it marks Redis ready.
constexpr std::array settings{
    Setting{"appendonly", "yes",
            "without it a restart of Redis loses every application that has no ticket yet"},
    Setting{"appendfsync", "always", "otherwise a crash loses what was answered as accepted"},
    Setting{"no-appendfsync-on-rewrite", "no",
            "otherwise a crash during a rewrite loses what was answered as accepted"},
    Setting{"maxmemory-policy", "noeviction", "otherwise Redis throws tickets away when its memory is full"},
};

std::string value_of(Redis& redis, const char* name) {
    const Reply reply = redis.command({"CONFIG", "GET", name});
    return reply.size() == 2 ? reply[1].string() : "";
}

std::string info_field(const std::string& info, const std::string& name) {
    const std::size_t at = info.find("\n" + name + ":");
    if (at == std::string::npos)
        return "";
    const std::size_t from = at + name.size() + 2;
    return info.substr(from, info.find_first_of("\r\n", from) - from);
}

void examine_durability(Redis& redis, Findings& findings) {
    bool durable = true;
    for (const Setting& setting : settings) {
        const std::string value = value_of(redis, setting.name);
        if (value == setting.value)
            continue;
        durable = false;
        findings.push_back(
            {"redis", Verdict::wrong, std::string(setting.name) + " is " + value + ": " + setting.why,
             "write `" + std::string(setting.name) + " " + setting.value +
                 "` into its configuration and restart it; /etc/mogiri/redis.conf has it right"});
    }
    const std::string info = redis.command({"INFO", "persistence"}).string();
    if (info_field(info, "aof_last_write_status") == "err") {
        durable = false;
        findings.push_back({"redis", Verdict::wrong, "its last write to the disk failed",
                            "look at its log and at the free space of " + value_of(redis, "dir")});
    }
    if (durable)
        findings.push_back({"redis", Verdict::good, "keeps what it has acknowledged", ""});
}

Finding examine_memory(Redis& redis) {
    const RedisMemory memory = memory_of(redis);
    if (memory.most == 0)
        return {
            "memory", Verdict::warning,
            "maxmemory is not set: Redis may take all memory of this machine until the system ends it",
            "write `maxmemory 512mb` into its configuration and restart it; /etc/mogiri/redis.conf has it "
            "right"};
    if (memory.is_half_full())
        return {"memory", Verdict::warning, "Redis's memory is over half full: " + memory.text(),
                "mogirictl status says what waits; let mogirid and PostgreSQL catch up, or raise maxmemory"};
    return {"memory", Verdict::good, "Redis uses " + memory.text(), ""};
}

Finding examine_functions(Redis& redis) {
    const Reply libraries =
        redis.command({"FUNCTION", "LIST", "LIBRARYNAME", function_library_name, "WITHCODE"});
    if (libraries.size() == 0)
        return {"functions", Verdict::wrong, "our functions are not loaded, so the door is closed",
                "start mogirid, which loads them: systemctl start mogirid"};
    for (std::size_t i = 0; i + 1 < libraries[0].size(); i += 2)
        if (libraries[0][i].text() == "library_code" && libraries[0][i + 1].text() != function_library())
            return {"functions", Verdict::warning,
                    "the functions in Redis are of another version than this mogirictl",
                    "restart mogirid, which loads its own: systemctl restart mogirid"};
    return {"functions", Verdict::good, "are loaded and of this version", ""};
}

} // namespace

Findings examine_redis(const Configuration& configuration) {
    Findings findings;
    try {
        Redis redis(configuration.redis);
        const std::string info = redis.command({"INFO", "server"}).string();
        findings.push_back(
            {"redis", Verdict::good,
             "version " + info_field(info, "redis_version") + " answers at " + configuration.redis.socket,
             ""});
        examine_durability(redis, findings);
        findings.push_back(examine_memory(redis));
        findings.push_back(examine_functions(redis));
    } catch (const LostRedis& lost) {
        findings.push_back(
            {"redis", Verdict::wrong, lost.what(),
             "start it (systemctl start mogiri-redis), or correct redis.socket, user and password_file; "
             "when it ends again and again, as it does when its disk is full, journalctl -u mogiri-redis "
             "says why"});
    } catch (const RefusedCommand& refused) {
        findings.push_back({"redis", Verdict::wrong, refused.what(),
                            "give the daemon's Redis user the rights in /etc/mogiri/redis-users.conf"});
    }
    return findings;
}

} // namespace mogiri::daemon
