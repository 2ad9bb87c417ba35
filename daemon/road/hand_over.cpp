// What Redis is told about settled applications, in one pipeline: tickets, answers, mail jobs.
#include "hand_over.hpp"

#include <redis_keys.hpp>

#include <algorithm>

#include "../cache/publish_command.hpp"
#include "../journal.hpp"

namespace mogiri::daemon {

namespace {

constexpr const char* answer_life_s = "604800"; // 7 days

} // namespace

void HandOver::publish(std::uint32_t event, const std::vector<IssuedTicket>& tickets) {
    std::vector<IssuedTicket>& all = tickets_[event];
    all.insert(all.end(), tickets.begin(), tickets.end());
}

void HandOver::answer(const ClaimedJob& claimed, const Answer& answer, const std::string& body_hash,
                      const std::string& channel) {
    answers_.push_back(
        {"FCALL", "mogiri_answer", "2", redis_keys::application(claimed.event, answer.application),
         redis_keys::jobs(claimed.event), std::string(redis_keys::road_group), claimed.stream_id,
         answer_life_s, body_hash, encode(answer), channel, answer.application});
}

void HandOver::discard(const ClaimedJob& claimed) {
    const std::string stream = redis_keys::jobs(claimed.event);
    answers_.push_back({"XACK", stream, std::string(redis_keys::road_group), claimed.stream_id});
    answers_.push_back({"XDEL", stream, claimed.stream_id});
}

void HandOver::mail(std::uint32_t event, std::int64_t outbox_row) {
    mails_.push_back({"XADD", redis_keys::mail(event), "*", "outbox", std::to_string(outbox_row)});
}

std::map<std::uint32_t, Published> HandOver::send() {
    struct Chunk {
        std::uint32_t event;
        std::vector<std::int64_t> cache_rows;
    };
    std::vector<Chunk> chunks;
    for (const auto& [event, tickets] : tickets_) {
        for (std::size_t from = 0; from < tickets.size(); from += PublishCommand::most_tickets) {
            PublishCommand command(event, PublishMode::merge);
            Chunk& chunk = chunks.emplace_back(Chunk{event, {}});
            for (std::size_t i = from; i < tickets.size() && !command.full(); ++i) {
                command.add(tickets[i].serial, tickets[i].record);
                chunk.cache_rows.push_back(tickets[i].cache_row);
            }
            redis_.queue(command.words());
        }
    }
    for (const auto* commands : {&answers_, &mails_})
        for (const std::vector<std::string>& command : *commands)
            redis_.queue(command);

    const std::vector<Reply> replies = redis_.flush();
    auto reply = replies.begin();
    std::map<std::uint32_t, Published> published;
    for (const Chunk& chunk : chunks) {
        const Reply& said = *reply++;
        if (said.is_error()) {
            journal::warn("event " + std::to_string(chunk.event) +
                          ": tickets not published yet: " + said.string());
            continue;
        }
        if (PublishCommand::batch_of(said) == 0)
            continue; // the door is closed; the publisher tells it again after the rebuild
        Published& of_event = published[chunk.event];
        of_event.batch = std::max(of_event.batch, PublishCommand::batch_of(said));
        of_event.cache_rows.insert(of_event.cache_rows.end(), chunk.cache_rows.begin(),
                                   chunk.cache_rows.end());
    }
    for (std::size_t i = 0; i < answers_.size(); ++i)
        if (const Reply& said = *reply++; said.is_error())
            throw RefusedCommand(said.string());
    for (; reply != replies.end(); ++reply)
        if (reply->is_error())
            journal::warn("a mail waits for the sweep: " + reply->string());
    return published;
}

} // namespace mogiri::daemon
