// The daemon's threads and the configuration that they work by, from their first day to the last mail in
// hand.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cache/keeper.hpp"
#include "configuration.hpp"
#include "mail/post_office.hpp"
#include "pulse.hpp"
#include "service.hpp"
#include "status_line.hpp"

namespace mogiri::daemon {

// Owner: the main thread. Its end waits for all threads.
class Crew {
  public:
    // Reads the configuration and tries all that it names but the servers: keys, templates, the mail
    // transport. Throws ConfigurationError. `before`: the crew that this one relieves.
    explicit Crew(const std::filesystem::path& file, const Crew* before = nullptr);
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;
    ~Crew();

    void begin();

    // Every thread ends after what it has in hand.
    void ask_to_end();
    // Whether all have ended but those that have a mail in hand, their last: a next crew may begin. They
    // share nothing with it but the ledger, where each holds its mail by a lease.
    bool handed_over() const;
    bool ended() const;

    const Configuration& configuration() const { return configuration_; }
    // A mail worker is not among them: it may rightly wait for a mail server longer than the watchdog would.
    std::vector<WatchedPulse> pulses() const;
    std::string status() const { return status_.text(); }

  private:
    enum class Post { road, mail };
    struct Member {
        std::string name;
        Post post;
        Pulse pulse{};
        std::atomic<bool> ended = false;
        std::jthread thread{};
    };
    using Life = std::function<void(const std::stop_token& stop, Pulse& pulse)>;
    void start(std::string name, Post post, Life life);

    Configuration configuration_;
    PostOffice office_;
    StatusLine status_;
    std::deque<Member> members_;
};

} // namespace mogiri::daemon
