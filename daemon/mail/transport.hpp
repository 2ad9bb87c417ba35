// A mail transport, loaded from a plugin (daemon/plugins/transport.h).
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include <transport.h>

#include "../owned.hpp"

namespace mogiri::daemon {

// The plugin cannot be used: says which, why, and what to do.
class TransportError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

enum class Outcome { accepted, transient, permanent, unknown, stopped };

struct Delivery {
    Outcome outcome = Outcome::transient;
    int code = 0;
    std::chrono::seconds retry_after{0}; // 0: the transport named none
    std::string text, provider_id;
    std::string transport = {}; // that was tried last; empty: none was
};

struct Envelope {
    std::string sender, recipient, message_id;
};

// Owner: one thread.
class Transport {
  public:
    // `key` of the configuration names it. Throws TransportError.
    Transport(const std::filesystem::path& plugins, const std::string& name,
              const std::map<std::string, std::string>& options, const char* key = "mail.transport");
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    Transport(Transport&& other) noexcept
        : library_(std::move(other.library_)), plugin_(std::exchange(other.plugin_, nullptr)),
          self_(other.self_) {}
    ~Transport();

    Delivery deliver(const Envelope& envelope, const std::string& message);
    // Of a mail whose recipient is erased. Throws TransportError when the transport cannot.
    void forget(const std::string& message_id);
    std::chrono::seconds patience() const { return std::chrono::seconds(plugin_->patience(self_)); }

    struct Probe {
        bool good;
        std::string text;
    };
    Probe probe();

  private:
    static int close_library(void* library);

    Owned<void, close_library> library_;
    const mogiri_transport* plugin_ = nullptr;
    void* self_ = nullptr;
};

} // namespace mogiri::daemon
