#include "post_office.hpp"

#include <form.hpp>

namespace mogiri::daemon {

namespace {

MailTexts open_texts(const Configuration& configuration) {
    return checked(configuration, "templates.directory", configuration.templates.string(),
                   [&] { return MailTexts(configuration.templates / "mail"); });
}

// A plugin begins what it says with the key of its table that it means.
std::string place_of_fault(const Configuration& configuration, const std::string& said) {
    const std::string table = "mail." + configuration.mail.transport;
    const std::string start = "[" + table + "]: ";
    if (!said.starts_with(start))
        return configuration.place("mail.transport");
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
      press_(configuration.templates / "tickets"), lease_name_(std::move(lease_name)) {
    check_address(configuration, "mail.from", configuration.mail.from);
    if (!configuration.mail.contact.empty())
        check_address(configuration, "mail.contact", configuration.mail.contact);
    try {
        open_transport();
    } catch (const TransportError& error) {
        throw ConfigurationError(place_of_fault(configuration, error.what()) + error.what());
    }
}

Transport PostOffice::open_transport() const {
    const MailConfiguration& mail = configuration_.mail;
    return {mail.plugins, mail.transport, mail.options};
}

} // namespace mogiri::daemon
