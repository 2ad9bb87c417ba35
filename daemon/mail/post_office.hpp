// What all mail workers of a daemon share: its configuration, name, keys, texts, printers, alerts, the
// transport's pauses and the road's rushes.
#pragma once

#include <string>
#include <vector>

#include <master_keys.hpp>

#include "../configuration.hpp"
#include "../rush.hpp"
#include "mail_alerts.hpp"
#include "mail_texts.hpp"
#include "outbox.hpp"
#include "ticket_press.hpp"
#include "transport.hpp"
#include "transport_pause.hpp"

namespace mogiri::daemon {

// A transport that mails may go by, with what its workers share.
struct Way {
    std::string key, name; // "mail.transport", "ses"
    std::map<std::string, std::string> options;
    std::string alert; // its subject
    TransportPause pause;
};

class PostOffice {
  public:
    // Tries everything that a worker will need, so that a wrong configuration is known before the first mail.
    // Throws ConfigurationError. `configuration` outlives this object.
    PostOffice(const Configuration& configuration, MasterKeys keys, LeaseName lease_name);

    // The transport and, where there is one, its fallback: in the order in which they are tried.
    std::vector<Way>& ways() { return ways_; }
    const std::vector<Way>& ways() const { return ways_; }
    Transport open_transport(const Way& way) const;
    // How long no way is open.
    std::chrono::milliseconds closed_for() const;

    const Configuration& configuration() const { return configuration_; }
    const MasterKeys& keys() const { return keys_; }
    const MailTexts& texts() const { return texts_; }
    TicketPress& press() { return press_; }
    MailAlerts& alerts() { return alerts_; }
    Rush& rush() { return rush_; }
    const LeaseName& lease_name() const { return lease_name_; }

  private:
    const Configuration& configuration_;
    MasterKeys keys_;
    MailTexts texts_;
    TicketPress press_;
    std::vector<Way> ways_; // never more nor fewer
    MailAlerts alerts_;
    Rush rush_;
    LeaseName lease_name_;
};

} // namespace mogiri::daemon
