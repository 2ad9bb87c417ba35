// Batches of applications on their way into Redis.
#include "apply/intake.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "daemon/contract/apply_job.hpp"
#include "daemon/contract/crash_point.hpp"
#include "daemon/contract/redis_keys.hpp"

namespace mogiri::module {

Intake::Intake(RedisLink& link, Zone& zone, ngx_log_t* log)
    : link_(link), zone_(zone), log_(log), send_(log, [this] { send_batches(); }) {}

bool Intake::join(std::uint32_t event, Entry entry) {
    if (!link_.takes_calls() || waiting_ >= RedisLink::most_in_flight) {
        return false;
    }
    queues_[event].waiting.push_back(std::move(entry));
    ++waiting_;
    send_.request();
    return true;
}

void Intake::send_batches() {
    for (auto& [event, queue] : queues_) {
        while (queue.batches < most_batches && !queue.waiting.empty()) {
            send_batch(event, queue);
        }
    }
}

void Intake::send_batch(std::uint32_t event, Queue& queue) {
    const auto end =
        queue.waiting.begin() + static_cast<std::ptrdiff_t>(std::min(largest_batch, queue.waiting.size()));
    // Shared, for std::function wants to be copyable; there is one holder.
    const auto batch =
        std::make_shared<Batch>(std::move_iterator(queue.waiting.begin()), std::move_iterator(end));
    queue.waiting.erase(queue.waiting.begin(), end);
    const std::string ready = redis_keys::ready(event), jobs = redis_keys::jobs(event);
    const std::string key_count = std::to_string(batch->size() + 2);
    const std::string last_batch = std::to_string(zone_.last_batch(event));
    std::vector<std::string_view> words{"FCALL", "mogiri_apply", key_count, ready, jobs};
    for (const Entry& entry : *batch) {
        words.push_back(entry.key);
    }
    words.insert(words.end(), {link_.run_id(), last_batch, answer_life_s});
    for (const Entry& entry : *batch) {
        words.insert(words.end(), {entry.deadline, entry.body_hash, entry.high_water, entry.job});
    }
    ++queue.batches;
    if (!link_.call(words,
                    [this, event, batch](RedisReply reply) { batch_answered(event, *batch, reply); })) {
        batch_answered(event, *batch, RedisReply(nullptr));
    }
    MOGIRI_CRASH_POINT("module.intake.called");
}

void Intake::batch_answered(std::uint32_t event, const Batch& batch, RedisReply reply) {
    --queues_[event].batches;
    waiting_ -= batch.size();
    send_.request();
    Said said;
    if (reply.is_array() && reply.size() == 2 * batch.size() + 2) {
        zone_.saw_batch(event, static_cast<std::uint64_t>(reply[0].integer()));
        zone_.saw_ready(true);
        MOGIRI_CRASH_POINT("module.intake.batch_noted");
        said.age = reply[1].integer();
    } else if (reply.is_error("NOTREADY")) {
        zone_.saw_ready(false);
        said.not_ready = true;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        said.state = reply[2 * i + 2].text();
        said.answer = reply[2 * i + 3].text();
        guarded(log_, [&] { batch[i].on_said(said); });
    }
}

} // namespace mogiri::module
