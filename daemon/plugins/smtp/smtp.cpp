// Transport `smtp`: hands mails to a mail server, with TLS and login, over a connection kept from mail to
// mail.
#include <ground/entry.hpp>

#include "connection.hpp"

namespace {

struct Smtp : mogiri::smtp::Connection {
    Smtp(const mogiri_option* options, std::size_t count)
        : Connection(mogiri::smtp::read_settings(options, count)) {}
};

constexpr mogiri_transport transport = mogiri::plugins::Entry<Smtp>::named("smtp");

} // namespace

__attribute__((visibility("default"))) const struct mogiri_transport* mogiri_transport_plugin(void) {
    return &transport;
}
