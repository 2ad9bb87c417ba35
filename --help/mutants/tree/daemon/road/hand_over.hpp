// What Redis is told about settled applications, in one pipeline: tickets, answers, mail jobs.
//
// From start() to finish() its connection is its own: who asked anything else there would get its replies.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "../ledger/application_rows.hpp"
#include "../redis.hpp"
#include "graveyard.hpp"
#include "job_stream.hpp"

namespace mogiri::daemon {

// What CacheLedger::confirm() takes.
struct Confirmed {
    std::vector<std::int64_t> rows;
    std::map<std::uint32_t, std::uint64_t> batches;
};

class HandOver {
  public:
    explicit HandOver(Redis& redis) : redis_(redis) {}

    void publish(std::uint32_t event, const std::vector<IssuedTicket>& tickets);
    // Stores the answer, wakes who waits for it (`channel` may be empty), acknowledges and deletes the job.
    void answer(const ClaimedJob& claimed, const Answer& answer, const std::string& body_hash,
                const std::string& channel);
    // Acknowledges and deletes a job that cannot be answered.
    void discard(const ClaimedJob& claimed);
    void mail(std::uint32_t event, std::int64_t outbox_row);
    // All that follows from a burial.
    void burial(const ClaimedJob& claimed, const std::optional<ApplyJob>& job, const Burial& burial);

    // Sends all of it, once. Tickets that Redis did not confirm for an open door are left to the publisher,
    // and mails that it refused to the sweep. An answer that it refused throws RefusedCommand.
    Confirmed send() {
        start();
        return finish();
    }
    // The same in two steps, for who has other work while Redis does its part.
    void start();
    Confirmed finish();

  private:
    struct Told {
        std::string application, stream_id, body_hash, json, channel;
    };
    std::vector<std::string> answer_command(std::uint32_t event, std::span<const Told> told) const;

    Redis& redis_;
    std::map<std::uint32_t, std::vector<IssuedTicket>> tickets_;
    std::map<std::uint32_t, std::vector<Told>> answers_;
    std::vector<std::vector<std::string>> discarded_, mails_;
    std::vector<std::pair<std::uint32_t, std::set<std::int64_t>>> published_; // event and rows of each call
    std::size_t answers_sent_ = 0;
};

} // namespace mogiri::daemon
