// One attempt's dialogue with the server, as libcurl shows it: how far it came, what was answered, and until
// when the next answer is waited for.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "settings.hpp"
#include "verdict.hpp"

namespace mogiri::smtp {

class Dialogue {
  public:
    // Both outlive this object.
    Dialogue(const Settings& settings, std::string_view message);

    // A line that was sent, and one that came.
    void said(std::string_view line);
    void heard(std::string_view line);

    // The next piece of the message, at most `room` bytes; returns how many.
    std::size_t hand_over(char* into, std::size_t room);

    bool is_overdue() const { return Clock::now() > until_; }

    Step step() const { return step_; }
    bool has_logged_in() const { return logged_in_; }
    // The answer to the last command; 0 and empty while there is none.
    int code() const { return code_; }
    // All of its lines in one, of printable ASCII, without addresses.
    const std::string& answer() const { return answer_; }

    // However slowly it moves, a message is under way no longer than this; and leave is taken in this time.
    static constexpr std::chrono::seconds longest_message{600}, leave{5};

  private:
    using Clock = std::chrono::steady_clock;

    void begin(Step step, std::chrono::seconds limit);
    void forget_answer();

    const Settings* settings_;
    std::string_view message_;
    std::size_t handed_over_ = 0;
    Step step_ = Step::connecting;
    int code_ = 0;
    std::string answer_;
    bool answer_complete_ = true;
    bool logged_in_ = false;
    bool leaving_ = false;
    Clock::time_point until_, message_until_{};
};

} // namespace mogiri::smtp
