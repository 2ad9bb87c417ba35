// What all mail workers of a daemon share: its configuration, name, keys, texts, printers, alerts, the
// transport's pauses and the road's rushes.
#pragma once

#include <string>

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

class PostOffice {
  public:
    // Tries everything that a worker will need, so that a wrong configuration is known before the first mail.
    // Throws ConfigurationError. `configuration` outlives this object.
    PostOffice(const Configuration& configuration, MasterKeys keys, LeaseName lease_name);

    Transport open_transport() const;

    const Configuration& configuration() const { return configuration_; }
    const MasterKeys& keys() const { return keys_; }
    const MailTexts& texts() const { return texts_; }
    TicketPress& press() { return press_; }
    TransportPause& pause() { return pause_; }
    MailAlerts& alerts() { return alerts_; }
    Rush& rush() { return rush_; }
    const LeaseName& lease_name() const { return lease_name_; }

  private:
    const Configuration& configuration_;
    MasterKeys keys_;
    MailTexts texts_;
    TicketPress press_;
    TransportPause pause_;
    MailAlerts alerts_;
    Rush rush_;
    LeaseName lease_name_;
};

} // namespace mogiri::daemon
