#include "mail_stream.hpp"

#include <charconv>
#include <utility>

#include <redis_keys.hpp>

#include "../road/job_stream.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::string_view field = "outbox";

MailJob job_of(const std::string& stream, ReplyView entry) {
    MailJob job{stream, entry[0].string()};
    const ReplyView fields = entry[1]; // nil when the entry was deleted under its reader
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
        if (const std::string_view value = fields[i + 1].text(); fields[i].text() == field)
            std::from_chars(value.data(), value.data() + value.size(), job.row);
    return job;
}

} // namespace

void MailStream::follow(const std::vector<std::uint32_t>& events) {
    if (events == events_)
        return;
    streams_.clear();
    for (const std::uint32_t event : events) {
        streams_.push_back(redis_keys::mail(event));
        ensure_group(redis_, streams_.back(), redis_keys::mail_group);
    }
    events_ = events;
    own_read_ = 0;
}

std::optional<MailJob> MailStream::claim_own() {
    for (; own_read_ < streams_.size(); ++own_read_) {
        const Reply reply = redis_.command({"XREADGROUP", "GROUP", redis_keys::mail_group, consumer_, "COUNT",
                                            "1", "STREAMS", streams_[own_read_], "0"});
        if (reply.size() == 0 || reply[0][1].size() == 0)
            continue;
        return job_of(streams_[own_read_], reply[0][1][0]);
    }
    return std::nullopt;
}

std::optional<MailJob> MailStream::claim_abandoned() {
    const std::string idle = std::to_string(std::chrono::milliseconds(abandoned_after).count());
    for (const std::string& stream : streams_) {
        std::string cursor = "0-0";
        do {
            const Reply reply = redis_.command(
                {"XAUTOCLAIM", stream, redis_keys::mail_group, consumer_, idle, cursor, "COUNT", "1"});
            if (reply[1].size() > 0)
                return job_of(stream, reply[1][0]);
            cursor = reply[0].string();
        } while (cursor != "0-0");
    }
    return std::nullopt;
}

std::optional<MailJob> MailStream::claim_new(std::chrono::milliseconds wait) {
    if (auto job = next_ahead())
        return job;
    const Reply reply = redis_.command(reading(1, {"BLOCK", std::to_string(wait.count())}));
    if (reply.size() == 0)
        return std::nullopt;
    return job_of(reply[0][0].string(), reply[0][1][0]);
}

std::optional<MailJob> MailStream::claim_waiting(int most) {
    if (auto job = next_ahead())
        return job;
    redis_.queue(reading(most, {}));
    const std::vector<Reply> replies = flush();
    const Reply& streams = replies.back();
    for (std::size_t i = 0; i < streams.size(); ++i)
        for (std::size_t j = 0; j < streams[i][1].size(); ++j)
            ahead_.push_back(job_of(streams[i][0].string(), streams[i][1][j]));
    return next_ahead();
}

std::optional<MailJob> MailStream::next_ahead() {
    if (ahead_.empty())
        return std::nullopt;
    MailJob job = std::move(ahead_.front());
    ahead_.pop_front();
    return job;
}

std::vector<std::string> MailStream::reading(int most, const std::vector<std::string>& options) const {
    std::vector<std::string> command{"XREADGROUP", "GROUP", std::string(redis_keys::mail_group),
                                     consumer_,    "COUNT", std::to_string(most)};
    command.insert(command.end(), options.begin(), options.end());
    command.emplace_back("STREAMS");
    command.insert(command.end(), streams_.begin(), streams_.end());
    command.insert(command.end(), streams_.size(), ">");
    return command;
}

void MailStream::done(const MailJob& job) {
    redis_.queue({"XACK", job.stream, redis_keys::mail_group, job.entry});
    redis_.queue({"XDEL", job.stream, job.entry});
    unsettled_ = true;
}

void MailStream::settle() {
    if (unsettled_)
        flush();
}

std::vector<Reply> MailStream::flush() {
    std::vector<Reply> replies = redis_.flush();
    unsettled_ = false;
    for (const Reply& reply : replies)
        if (reply.is_error())
            throw RefusedCommand(reply.string());
    return replies;
}

void offer_mails(Redis& redis, std::uint32_t event, const std::vector<std::int64_t>& rows) {
    const std::string stream = redis_keys::mail(event);
    for (const std::int64_t row : rows)
        redis.queue(std::vector<std::string>{"XADD", stream, "*", std::string(field), std::to_string(row)});
    for (const Reply& reply : redis.flush())
        if (reply.is_error())
            throw RefusedCommand(reply.string());
}

std::optional<std::chrono::milliseconds> oldest_mail_job(Redis& redis, std::uint32_t event) {
    const Reply reply = redis.command({"XRANGE", redis_keys::mail(event), "-", "+", "COUNT", "1"});
    if (reply.size() == 0)
        return std::nullopt;
    std::int64_t added = 0;
    const std::string_view id = reply[0][0].text(); // "<milliseconds>-<number>"
    std::from_chars(id.data(), id.data() + id.size(), added);
    return std::chrono::milliseconds(added);
}

} // namespace mogiri::daemon
