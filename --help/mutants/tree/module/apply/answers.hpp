// Who waits for which application's decision, and the subscribed connection whose messages wake them.
//
// Owner: the Worker. A message is a hint only; the truth is the answer that Redis keeps (mogiri_status tells
// it).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "redis/connection.hpp"

namespace mogiri::module {

class Answers {
  public:
    // Keeps one waiter; letting go of it ends the waiting. Movable, one owner.
    class Waiter {
      public:
        Waiter() = default;
        Waiter(Waiter&& other) noexcept { *this = std::move(other); }
        Waiter& operator=(Waiter&& other) noexcept;
        ~Waiter() { stop(); }
        void stop();

      private:
        friend class Answers;
        Waiter(Answers* answers, std::uint64_t number) : answers_(answers), number_(number) {}
        Answers* answers_ = nullptr;
        std::uint64_t number_ = 0;
    };

    // The second half of the message "<application id> <json>", or "" after a lost connection: ask Redis.
    using OnAnswer = std::function<void(std::string_view json)>;
    // Some event's settings changed, or may have while nobody listened.
    using OnSettings = std::function<void()>;

    Answers(const RedisAddress& address, ngx_log_t* log, OnSettings on_settings);

    // `wake` may run several times until the Waiter is gone: once for each message about the application, and
    // once after each time the subscription had to be made again. It may let go of its own Waiter.
    [[nodiscard]] Waiter wait_for(std::string_view application_id, OnAnswer wake);

    // Everybody asks Redis: something may have been said while nobody listened, or nobody could ask.
    void wake_all();

    // The channel that a job names as its reply address: "answers:<worker id>".
    const std::string& channel() const { return channel_; }

  private:
    struct Entry {
        std::string application_id;
        OnAnswer wake;
    };

    void subscribe();
    void message(RedisReply reply);
    void received(std::string_view lines);
    void wake(std::string_view application_id, std::string_view json);
    void wake_one(std::uint64_t number, std::string_view json);
    void forget(std::uint64_t number);

    ngx_log_t* log_;
    std::string channel_;
    OnSettings on_settings_;
    std::uint64_t next_number_ = 1;
    std::unordered_map<std::uint64_t, Entry> waiting_;
    std::unordered_multimap<std::string, std::uint64_t> numbers_;
    std::size_t confirmed_ = 0;
    RedisConnection connection_;
};

} // namespace mogiri::module
