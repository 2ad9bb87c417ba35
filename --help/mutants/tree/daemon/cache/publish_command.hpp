// One call of mogiri_publish: ticket records for the door.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../redis.hpp"

namespace mogiri::daemon {

enum class PublishMode {
    merge,   // a change: the use and the scans that Redis knows stay
    replace, // a rebuild: the ledger's count
};

class PublishCommand {
  public:
    // More than that would keep the door waiting behind one call.
    static constexpr std::size_t most_tickets = 256;

    PublishCommand(std::uint32_t event, PublishMode mode);

    // `record`: as encode(TicketRecord) wrote it.
    void add(std::uint64_t serial, const std::string& record);
    std::size_t size() const { return records_.size(); }
    bool full() const { return size() >= most_tickets; }

    // `run_id`: of the Redis that it is for.
    std::vector<std::string> words(const std::string& run_id) const;
    // The batch number that Redis reached with it; 0 while the event is not ready in this Redis.
    static std::uint64_t batch_of(ReplyView reply) { return static_cast<std::uint64_t>(reply[0].integer()); }

  private:
    std::uint32_t event_;
    PublishMode mode_;
    std::vector<std::string> keys_, records_;
};

} // namespace mogiri::daemon
