// The applications on their way, read from Redis as they are.
#include "ctl/jobs/road_jobs.hpp"

#include <map>
#include <stdexcept>

#include "contract/redis_keys.hpp"

namespace mogiri::daemon {

namespace {

std::vector<RoadJobSeen> see(Redis& redis, std::uint32_t event, const std::string& from,
                             const std::string& to, std::int64_t most) {
    const std::string stream = redis_keys::jobs(event), count = std::to_string(most);
    redis.queue({"TIME"});
    redis.queue({"XRANGE", stream, from, to, "COUNT", count});
    redis.queue({"XPENDING", stream, redis_keys::road_group, from, to, count});
    const std::vector<Reply> replies = redis.flush();
    if (replies[1].is_error())
        throw RefusedCommand(replies[1].string());
    const std::int64_t now_ms =
        std::stoll(replies[0][0].string()) * 1000 + std::stoll(replies[0][1].string()) / 1000;

    std::vector<RoadJobSeen> jobs;
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < replies[1].size(); ++i) {
        const ReplyView entry = replies[1][i];
        RoadJobSeen& seen = jobs.emplace_back();
        seen.event = event;
        seen.stream_id = entry[0].string();
        seen.age_ms = now_ms - std::stoll(seen.stream_id);
        places.emplace(seen.stream_id, i);
        for (std::size_t field = 0; field + 1 < entry[1].size(); field += 2) {
            if (entry[1][field].text() != "apply")
                continue;
            try {
                seen.job = decode_apply_job(entry[1][field + 1].text());
            } catch (const std::invalid_argument&) {
                // Told as it is: unreadable.
            }
        }
    }
    // An error here: mogirid has not made the group yet, so nobody has anything.
    for (std::size_t i = 0; i < replies[2].size(); ++i) {
        const ReplyView pending = replies[2][i];
        const auto place = places.find(pending[0].string());
        if (place == places.end())
            continue;
        RoadJobSeen& seen = jobs[place->second];
        seen.consumer = pending[1].string();
        seen.idle_ms = pending[2].integer();
        seen.deliveries = pending[3].integer();
    }
    return jobs;
}

} // namespace

std::vector<RoadJobSeen> see_road_jobs(Redis& redis, std::uint32_t event, std::int64_t most) {
    return see(redis, event, "-", "+", most);
}

std::optional<RoadJobSeen> see_road_job(Redis& redis, std::uint32_t event, const std::string& stream_id) {
    std::vector<RoadJobSeen> jobs = see(redis, event, stream_id, stream_id, 1);
    if (jobs.empty())
        return std::nullopt;
    return std::move(jobs.front());
}

} // namespace mogiri::daemon
