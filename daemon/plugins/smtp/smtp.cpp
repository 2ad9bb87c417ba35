// Transport `smtp`: hands mails to a mail server, with TLS and login, over a connection kept from mail to
// mail.
#include <cstdio>
#include <exception>
#include <string>

#include "connection.hpp"

namespace {

using mogiri::smtp::Connection;

void* open_smtp(const mogiri_option* options, std::size_t count, char* error, std::size_t error_size) try {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started != CURLE_OK) {
        std::snprintf(error, error_size, "libcurl: %s", curl_easy_strerror(started));
        return nullptr;
    }
    return new Connection(mogiri::smtp::read_settings(options, count));
} catch (const std::exception& failure) {
    std::snprintf(error, error_size, "%s", failure.what());
    return nullptr;
}

void close_smtp(void* self) {
    delete static_cast<Connection*>(self);
}

unsigned patience(void* self) {
    return static_cast<unsigned>(static_cast<const Connection*>(self)->patience().count());
}

void deliver(void* self, const mogiri_envelope* envelope, const char* message, std::size_t length,
             mogiri_result* result) try {
    static_cast<Connection*>(self)->deliver(*envelope, {message, length}, *result);
} catch (const std::exception& failure) {
    result->outcome = MOGIRI_STOPPED;
    std::snprintf(result->text, sizeof result->text, "%s", failure.what());
}

int probe(void* self, char* text, std::size_t size) try {
    std::string seen;
    const bool good = static_cast<Connection*>(self)->probe(seen);
    std::snprintf(text, size, "%s", seen.c_str());
    return good ? 1 : 0;
} catch (const std::exception& failure) {
    std::snprintf(text, size, "%s", failure.what());
    return 0;
}

constexpr mogiri_transport transport{
    MOGIRI_TRANSPORT_ABI, "smtp", open_smtp, close_smtp, patience, deliver, probe, nullptr};

} // namespace

__attribute__((visibility("default"))) const struct mogiri_transport* mogiri_transport_plugin(void) {
    return &transport;
}
