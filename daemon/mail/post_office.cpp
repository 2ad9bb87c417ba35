#include "post_office.hpp"

#include <algorithm>

#include <form.hpp>

namespace mogiri::daemon {

namespace {

MailTexts open_texts(const Configuration& configuration) {
    return checked(configuration, "templates.directory", configuration.templates.string(),
                   [&] { return MailTexts(configuration.templates / "mail"); });
}

// A plugin begins what it says with the key of its table that it means.
std::string place_of_fault(const Configuration& configuration, const Way& way, const std::string& said) {
    const std::string table = "mail." + way.name;
    const std::string start = "[" + table + "]: ";
    if (!said.starts_with(start))
        return configuration.place(way.key);
    const std::string key =
        table + "." + said.substr(start.size(), said.find(' ', start.size()) - start.size());
    return configuration.place(configuration.places.contains(key) ? key : table);
}

void check_address(const Configuration& configuration, const char* key, const std::string& address) {
    if (!address_is_acceptable(address))
        throw ConfigurationError(configuration.place(key) + key + " = \"" + address +
                                 "\": must be an address like tickets@example.jp");
}

} // namespace

PostOffice::PostOffice(const Configuration& configuration, MasterKeys keys, LeaseName lease_name)
    : configuration_(configuration), keys_(std::move(keys)), texts_(open_texts(configuration)),
      press_(configuration.templates / "tickets"), ways_(configuration.mail.fallback.empty() ? 1 : 2),
      lease_name_(std::move(lease_name)) {
    check_address(configuration, "mail.from", configuration.mail.from);
    if (!configuration.mail.contact.empty())
        check_address(configuration, "mail.contact", configuration.mail.contact);
    const MailConfiguration& mail = configuration.mail;
    ways_.front().key = "mail.transport";
    ways_.front().name = mail.transport;
    ways_.front().options = mail.options;
    ways_.front().alert = "transport";
    if (ways_.size() > 1) {
        ways_.back().key = "mail.fallback";
        ways_.back().name = mail.fallback;
        ways_.back().options = mail.fallback_options;
        ways_.back().alert = "fallback";
    }
    for (const Way& way : ways_)
        try {
            open_transport(way);
        } catch (const TransportError& error) {
            throw ConfigurationError(place_of_fault(configuration, way, error.what()) + error.what());
        }
}

Transport PostOffice::open_transport(const Way& way) const {
    return {configuration_.mail.plugins, way.name, way.options, way.key.c_str()};
}

std::chrono::milliseconds PostOffice::closed_for() const {
    std::chrono::milliseconds least = ways_.front().pause.left();
    for (const Way& way : ways_)
        least = std::min(least, way.pause.left());
    return least;
}

} // namespace mogiri::daemon
