// The functions that a plugin written in C++ gives mogirid: nothing thrown leaves them.
#pragma once

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include <curl/curl.h>

#include <transport.h>

namespace mogiri::plugins {

// `Carrier`: made of the options, which may throw; patience() in seconds, deliver(envelope, message, result)
// and probe(text) as in transport.h. It speaks by libcurl.
template <typename Carrier> struct Entry {
    static void* open(const mogiri_option* options, std::size_t count, char* error, std::size_t size) try {
        static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
        if (started != CURLE_OK) {
            std::snprintf(error, size, "libcurl: %s", curl_easy_strerror(started));
            return nullptr;
        }
        return new Carrier(options, count);
    } catch (const std::exception& failure) {
        std::snprintf(error, size, "%s", failure.what());
        return nullptr;
    }

    static void close(void* self) { delete static_cast<Carrier*>(self); }

    static unsigned patience(void* self) {
        return static_cast<unsigned>(static_cast<const Carrier*>(self)->patience().count());
    }

    static void deliver(void* self, const mogiri_envelope* envelope, const char* message, std::size_t length,
                        mogiri_result* result) try {
        static_cast<Carrier*>(self)->deliver(*envelope, {message, length}, *result);
    } catch (const std::exception& failure) {
        result->outcome = MOGIRI_STOPPED;
        std::snprintf(result->text, sizeof result->text, "%s", failure.what());
    }

    static int probe(void* self, char* text, std::size_t size) try {
        std::string seen;
        const bool good = static_cast<Carrier*>(self)->probe(seen);
        std::snprintf(text, size, "%s", seen.c_str());
        return good ? 1 : 0;
    } catch (const std::exception& failure) {
        std::snprintf(text, size, "%s", failure.what());
        return 0;
    }

    static constexpr mogiri_transport named(const char* name) {
        return {MOGIRI_TRANSPORT_ABI, name, open, close, patience, deliver, probe, nullptr};
    }
};

} // namespace mogiri::plugins
