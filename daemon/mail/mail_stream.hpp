// The mail jobs of all events in Redis, taken one by one by a consumer of the group `mail`.
//
// A job is only the number of a row in mail_outbox. Owner: one mail worker, beside its Redis.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "../redis.hpp"

namespace mogiri::daemon {

struct MailJob {
    std::string stream, entry;
    std::int64_t row = 0; // of mail_outbox; 0 when the entry names none
};

class MailStream {
  public:
    // Longer than a render and a delivery take as a rule; the row's lease decides whether its worker is
    // really dead.
    static constexpr std::chrono::seconds abandoned_after{10};

    MailStream(Redis& redis, std::string consumer) : redis_(redis), consumer_(std::move(consumer)) {}

    // The events to read from now on; makes their groups.
    void follow(const std::vector<std::uint32_t>& events);

    // What this consumer left behind in a former life, or what another has kept too long.
    std::optional<MailJob> claim_own();
    std::optional<MailJob> claim_abandoned();
    // A new job; waits for it.
    std::optional<MailJob> claim_new(std::chrono::milliseconds wait);

    // A new job if there is one. `most` are taken at once for the next calls, and by the same round trip the
    // jobs that are done go off the stream: Redis may sync its file for each.
    std::optional<MailJob> claim_waiting(int most);

    // The job goes off the stream at the next claim_waiting() or settle().
    void done(const MailJob& job);
    void settle();

  private:
    std::vector<std::string> reading(int most, const std::vector<std::string>& options) const;
    std::vector<Reply> flush();
    std::optional<MailJob> next_ahead();

    Redis& redis_;
    std::string consumer_;
    std::vector<std::uint32_t> events_;
    std::vector<std::string> streams_;
    std::size_t own_read_ = 0;  // streams whose entries of a former life are all done
    std::deque<MailJob> ahead_; // taken and not yet given out
    bool unsettled_ = false;
};

// Puts rows of mail_outbox into the event's stream.
void offer_mails(Redis& redis, std::uint32_t event, const std::vector<std::int64_t>& rows);

// When the oldest entry of the event's stream was added; nothing when it is empty.
std::optional<std::chrono::milliseconds> oldest_mail_job(Redis& redis, std::uint32_t event);

} // namespace mogiri::daemon
