// The connection of one mail worker to its server, kept from mail to mail, by libcurl.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include "dialogue.hpp"
#include "settings.hpp"

namespace mogiri::smtp {

// Owner: one thread.
class Connection {
  public:
    // Throws std::bad_alloc. Connects only when there is something to deliver.
    explicit Connection(Settings settings);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    void deliver(const mogiri_envelope& envelope, std::string_view message, mogiri_result& result);

    // Connects, logs in and leaves. Returns whether mail would be taken, and says what was seen.
    bool probe(std::string& text);

    // No delivery takes longer.
    std::chrono::seconds patience() const;

    // After so many mails, or after so long without one, a fresh connection is made.
    static constexpr int mails_per_connection = 100;
    static constexpr std::chrono::seconds longest_idle{60};

  private:
    struct Attempt {
        mogiri_outcome outcome;
        CURLcode failure;
        bool reused, overdue;
    };

    Attempt attempt(CURL* curl, Dialogue& dialogue);
    std::string describe(const Attempt& attempt, const Dialogue& dialogue) const;
    void prepare(CURL* curl);

    struct Closed {
        void operator()(CURL* curl) const;
    };
    using Handle = std::unique_ptr<CURL, Closed>;

    Settings settings_;
    std::string error_; // where libcurl writes what failed
    Handle curl_;
    int mails_ = 0; // over the connection in use
};

} // namespace mogiri::smtp
