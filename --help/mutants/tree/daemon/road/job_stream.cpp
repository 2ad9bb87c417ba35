// The jobs of all events in Redis, applications or calls, taken by one consumer of their group.
#include "job_stream.hpp"

#include <algorithm>

namespace mogiri::daemon {

std::string name_of(const ClaimedJob& claimed) {
    return "job " + claimed.stream_id + " of event " + std::to_string(claimed.event);
}

ClaimedJob job_of(std::uint32_t event, ReplyView entry, std::string_view field) {
    ClaimedJob job{event, entry[0].string(), {}};
    const ReplyView fields = entry[1];
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
        if (fields[i].text() == field)
            job.payload = fields[i + 1].string();
    return job;
}

void ensure_group(Redis& redis, const std::string& stream, std::string_view group) {
    try {
        redis.command({"XGROUP", "CREATE", stream, group, "0", "MKSTREAM"});
    } catch (const RefusedCommand& refused) {
        if (!refused.starts_with("BUSYGROUP"))
            throw;
    }
}

void JobStream::follow(const std::vector<std::uint32_t>& events) {
    if (events == events_)
        return;
    events_.clear();
    streams_.clear();
    for (std::uint32_t event : events) {
        std::string stream = jobs_.key(event);
        ensure_group(redis_, stream, jobs_.group);
        events_.push_back(event);
        streams_.push_back(std::move(stream));
    }
    own_from_.assign(events_.size(), "0");
    own_read_ = false;
}

std::vector<ClaimedJob> JobStream::claim_own() {
    std::vector<ClaimedJob> jobs;
    if (own_read_)
        return jobs;
    const std::string count = std::to_string(batch_);
    for (std::size_t i = 0; i < streams_.size(); ++i)
        redis_.queue({"XREADGROUP", "GROUP", jobs_.group, consumer_, "COUNT", count, "STREAMS", streams_[i],
                      own_from_[i]});
    const std::vector<Reply> replies = redis_.flush();
    for (std::size_t i = 0; i < replies.size(); ++i) {
        if (replies[i].is_error())
            throw RefusedCommand(replies[i].string());
        if (replies[i].size() == 0)
            continue;
        const ReplyView entries = replies[i][0][1];
        for (std::size_t entry = 0; entry < entries.size(); ++entry)
            jobs.push_back(job_of(events_[i], entries[entry], jobs_.field));
        if (entries.size() > 0)
            own_from_[i] = jobs.back().stream_id;
    }
    own_read_ = jobs.empty();
    return jobs;
}

std::vector<ClaimedJob> JobStream::claim_abandoned() {
    std::vector<ClaimedJob> jobs;
    const std::string idle = std::to_string(std::chrono::milliseconds(abandoned_after).count());
    const std::string count = std::to_string(batch_);
    for (std::size_t i = 0; i < streams_.size(); ++i) {
        std::string cursor = "0-0";
        do {
            const Reply reply = redis_.command(
                {"XAUTOCLAIM", streams_[i], jobs_.group, consumer_, idle, cursor, "COUNT", count});
            cursor = reply[0].string();
            for (std::size_t entry = 0; entry < reply[1].size(); ++entry)
                jobs.push_back(job_of(events_[i], reply[1][entry], jobs_.field));
        } while (cursor != "0-0" && jobs.size() < static_cast<std::size_t>(batch_));
    }
    return jobs;
}

std::vector<ClaimedJob> JobStream::claim_new(std::chrono::milliseconds wait) {
    std::vector<std::string> command{"XREADGROUP", "GROUP", std::string(jobs_.group),
                                     consumer_,    "COUNT", std::to_string(batch_)};
    if (wait > wait.zero()) // BLOCK 0 is for ever
        command.insert(command.end(), {"BLOCK", std::to_string(wait.count())});
    command.emplace_back("STREAMS");
    command.insert(command.end(), streams_.begin(), streams_.end());
    command.insert(command.end(), streams_.size(), ">");
    std::vector<ClaimedJob> jobs;
    const Reply reply = redis_.command(command);
    for (std::size_t i = 0; i < reply.size(); ++i) {
        const auto stream = std::ranges::find(streams_, reply[i][0].text());
        const std::uint32_t event = events_[static_cast<std::size_t>(stream - streams_.begin())];
        for (std::size_t entry = 0; entry < reply[i][1].size(); ++entry)
            jobs.push_back(job_of(event, reply[i][1][entry], jobs_.field));
    }
    return jobs;
}

void JobStream::try_again_soon(const ClaimedJob& job) {
    const auto idle = std::chrono::milliseconds(abandoned_after - std::chrono::seconds(2));
    redis_.command({"XCLAIM", jobs_.key(job.event), jobs_.group, consumer_, "0", job.stream_id, "IDLE",
                    std::to_string(idle.count()), "JUSTID"});
}

} // namespace mogiri::daemon
