// The doctor's look at the mail transports: each one's plugin loads, takes its settings, and could deliver
// now.
#include "ctl/system/doctor.hpp"
#include "mail/transport.hpp"

namespace mogiri::daemon {

namespace {

Finding examine(const MailConfiguration& mail, const std::string& name,
                const std::map<std::string, std::string>& options) {
    const bool is_fallback = name == mail.fallback;
    const std::string what = (is_fallback ? "fallback " : "") + name;
    try {
        Transport transport(mail.plugins, name, options, is_fallback ? "mail.fallback" : "mail.transport");
        const Transport::Probe probe = transport.probe();
        if (probe.good)
            return {"mail", Verdict::good, what + ": " + probe.text, ""};
        return {"mail", Verdict::wrong, what + ": " + probe.text,
                std::string("no mail is lost, they ") +
                    (mail.fallback.empty() ? "wait" : "wait or go by the other transport") +
                    "; mend what it says, or correct [mail." + name + "]"};
    } catch (const TransportError& error) {
        return {"mail", Verdict::wrong, error.what(),
                std::string("correct mail.") + (is_fallback ? "fallback" : "transport") +
                    ", mail.plugins or [mail." + name + "]"};
    }
}

} // namespace

Findings examine_mail(const Configuration& configuration) {
    const MailConfiguration& mail = configuration.mail;
    Findings findings{examine(mail, mail.transport, mail.options)};
    if (!mail.fallback.empty())
        findings.push_back(examine(mail, mail.fallback, mail.fallback_options));
    return findings;
}

} // namespace mogiri::daemon
