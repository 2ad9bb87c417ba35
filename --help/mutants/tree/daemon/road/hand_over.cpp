// What Redis is told about settled applications, in one pipeline: tickets, answers, mail jobs.
#include "hand_over.hpp"

#include <redis_keys.hpp>

#include <algorithm>
#include <iterator>

#include "../cache/publish_command.hpp"
#include "../journal.hpp"

namespace mogiri::daemon {

namespace {

// More in one call would keep the door waiting behind it.
constexpr std::size_t most_answers = 64;

} // namespace

void HandOver::publish(std::uint32_t event, const std::vector<IssuedTicket>& tickets) {
    std::vector<IssuedTicket>& all = tickets_[event];
    all.insert(all.end(), tickets.begin(), tickets.end());
}

void HandOver::answer(const ClaimedJob& claimed, const Answer& answer, const std::string& body_hash,
                      const std::string& channel) {
    answers_[claimed.event].push_back(
        {answer.application, claimed.stream_id, body_hash, encode(answer), channel});
}

std::vector<std::string> HandOver::answer_command(std::uint32_t event, std::span<const Told> told) const {
    std::vector<std::string> words{"FCALL", "mogiri_answer", std::to_string(told.size() + 1),
                                   redis_keys::jobs(event)};
    for (const Told& one : told)
        words.push_back(redis_keys::application(event, one.application));
    words.insert(words.end(), {std::string(redis_keys::road_group), std::string(answer_life_s)});
    for (const Told& one : told)
        words.insert(words.end(), {one.stream_id, one.body_hash, one.json, one.channel, one.application});
    return words;
}

void HandOver::discard(const ClaimedJob& claimed) {
    const std::string stream = redis_keys::jobs(claimed.event);
    discarded_.push_back({"XACK", stream, std::string(redis_keys::road_group), claimed.stream_id});
    discarded_.push_back({"XDEL", stream, claimed.stream_id});
}

void HandOver::mail(std::uint32_t event, std::int64_t outbox_row) {
    mails_.push_back({"XADD", redis_keys::mail(event), "*", "outbox", std::to_string(outbox_row)});
}

void HandOver::burial(const ClaimedJob& claimed, const std::optional<ApplyJob>& job, const Burial& burial) {
    if (job)
        answer(claimed, {job->id, burial.decision, burial.tickets, burial.version}, job->body_hash,
               job->reply);
    else
        discard(claimed);
    if (burial.mail)
        mail(claimed.event, *burial.mail);
}

void HandOver::start() {
    const std::string& run_id = redis_.run_id();
    for (const auto& [event, tickets] : tickets_) {
        for (std::size_t i = 0; i < tickets.size();) {
            PublishCommand command(event, PublishMode::merge);
            std::set<std::int64_t>& rows = published_.emplace_back(event, std::set<std::int64_t>()).second;
            for (; i < tickets.size() && !command.full(); ++i) {
                command.add(tickets[i].serial, tickets[i].record);
                rows.insert(tickets[i].cache_row);
            }
            redis_.queue(command.words(run_id));
        }
    }
    answers_sent_ = discarded_.size();
    for (const auto& [event, told] : answers_)
        for (std::size_t i = 0; i < told.size(); i += most_answers, ++answers_sent_)
            redis_.queue(
                answer_command(event, std::span(told).subspan(i, std::min(most_answers, told.size() - i))));
    for (const auto* commands : {&discarded_, &mails_})
        for (const std::vector<std::string>& command : *commands)
            redis_.queue(command);
    redis_.send();
}

Confirmed HandOver::finish() {
    const std::vector<Reply> replies = redis_.flush();
    auto reply = replies.begin();
    Confirmed confirmed;
    std::set<std::int64_t> rows, waiting; // a row may be of several publications
    for (const auto& [event, of_publication] : published_) {
        const Reply& said = *reply++;
        const std::uint64_t batch = said.is_error() ? 0 : PublishCommand::batch_of(said);
        if (said.is_error())
            journal::warn("tickets not published yet: " + said.string());
        if (batch != 0)
            confirmed.batches[event] = batch;
        (batch != 0 ? rows : waiting).insert(of_publication.begin(), of_publication.end());
    }
    std::set_difference(rows.begin(), rows.end(), waiting.begin(), waiting.end(),
                        std::back_inserter(confirmed.rows));
    for (std::size_t i = 0; i < answers_sent_; ++i)
        if (const Reply& said = *reply++; said.is_error())
            throw RefusedCommand(said.string());
    for (; reply != replies.end(); ++reply)
        if (reply->is_error())
            journal::warn("a mail waits for the sweep: " + reply->string());
    return confirmed;
}

} // namespace mogiri::daemon
