// Gives an answer to nginx in chunks through Redis, a few ahead of its reader and no more.
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>

#include <call.hpp>

#include "../exports/export.hpp"
#include "../pulse.hpp"
#include "../redis.hpp"

namespace mogiri::daemon {

// Nobody reads any more, the reader is too slow, the time is over, or the daemon ends.
class StreamEnded : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Owner: one thread. `channel`: whom a chunk is announced to, with the call's id.
class ChunkStream : public ExportSink {
  public:
    ChunkStream(Redis& redis, std::string key, std::string channel, std::string call, Pulse& pulse,
                std::stop_token stop);

    // Throw StreamEnded, and what Redis throws.
    void write(std::string_view bytes) override;
    void progress(std::int64_t rows) override;
    // After these nothing follows. Who has read a chunk without either knows that it has not all.
    void end();
    void fail();

  private:
    using Clock = std::chrono::steady_clock;

    void push(ChunkKind kind, std::string_view bytes);
    void wait_for_room();
    // Room that the reader made, waiting for it at most so long.
    bool hear(std::chrono::milliseconds wait);
    void look_at_clock() const;

    Redis& redis_;
    std::string key_, room_, channel_, call_;
    Pulse& pulse_;
    std::stop_token stop_;
    std::uint32_t number_ = 0;
    int free_ = most_chunks_ahead;
    Clock::time_point begun_ = Clock::now(), told_ = begun_;
};

} // namespace mogiri::daemon
