#include "mail_alerts.hpp"

namespace mogiri::daemon {

void MailAlerts::raise(const std::string& subject, const std::string& text) {
    quiet_.erase(subject);
    database_.query("INSERT INTO alert (kind, subject, text) VALUES ('mail', $1, $2) "
                    "ON CONFLICT (kind, subject) WHERE cleared_at IS NULL DO UPDATE SET text = excluded.text",
                    {subject, text});
}

void MailAlerts::clear(const std::string& subject) {
    if (!quiet_.insert(subject).second)
        return;
    database_.query(
        "UPDATE alert SET cleared_at = now() WHERE kind = 'mail' AND subject = $1 AND cleared_at IS NULL",
        {subject});
}

} // namespace mogiri::daemon
