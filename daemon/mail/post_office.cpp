#include "post_office.hpp"

#include <form.hpp>

namespace mogiri::daemon {

PostOffice::PostOffice(const Configuration& configuration, MasterKeys keys)
    : configuration_(configuration), keys_(std::move(keys)), texts_(configuration.templates / "mail"),
      press_(configuration.templates / "tickets"), lease_name_(configuration.road.consumer) {
    const auto check = [](const char* key, const char* name, const std::string& address) {
        if (!address_is_acceptable(address))
            throw ConfigurationError(std::string(key) + " (or " + name + ") = \"" + address +
                                     "\": must be an address like tickets@example.jp");
    };
    check("mail.from", "FROM_EMAIL", configuration.mail.from);
    if (!configuration.mail.contact.empty())
        check("mail.contact", "CONTACT_EMAIL", configuration.mail.contact);
    open_transport();
}

Transport PostOffice::open_transport() const {
    const MailConfiguration& mail = configuration_.mail;
    return {mail.plugins, mail.transport, mail.options};
}

} // namespace mogiri::daemon
