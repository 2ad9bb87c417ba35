// Where an HTTP transport sends to, and how long it waits.
#pragma once

#include <chrono>
#include <string>

#include <ground/options.hpp>

namespace mogiri::plugins {

struct Endpoint {
    std::string url; // without a slash at its end
    std::string ca_file;
    // Until it is connected, TLS included; then until its answer is there.
    std::chrono::seconds connect_timeout{15}, answer_timeout{90};

    std::chrono::seconds longest_request() const { return connect_timeout + answer_timeout; }
};

// Takes endpoint, allow_plain, ca_file, connect_timeout and answer_timeout. Throws SettingsError.
Endpoint take_endpoint(Options& given, const std::string& usual);

} // namespace mogiri::plugins
