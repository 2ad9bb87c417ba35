// The doctor's look at the mail transport: its plugin loads, takes its settings, and could deliver now.
#include "doctor.hpp"
#include "mail/transport.hpp"

namespace mogiri::daemon {

Findings examine_mail(const Configuration& configuration) {
    const MailConfiguration& mail = configuration.mail;
    try {
        Transport transport(mail.plugins, mail.transport, mail.options);
        const Transport::Probe probe = transport.probe();
        if (probe.good)
            return {{"mail", Verdict::good, mail.transport + ": " + probe.text, ""}};
        return {{"mail", Verdict::wrong, mail.transport + ": " + probe.text,
                 "no mail is lost, they wait; mend what it says, or correct [mail." + mail.transport + "]"}};
    } catch (const TransportError& error) {
        return {{"mail", Verdict::wrong, error.what(),
                 "correct mail.transport, mail.plugins or [mail." + mail.transport + "]"}};
    }
}

} // namespace mogiri::daemon
