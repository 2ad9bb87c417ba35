#include "mail_alerts.hpp"

namespace mogiri::daemon {

void MailAlerts::raise(Database& database, const std::string& subject, const std::string& text) {
    const std::lock_guard lock(mutex_);
    quiet_.erase(subject);
    database.query("INSERT INTO alert (kind, subject, text) VALUES ('mail', $1, $2) "
                   "ON CONFLICT (kind, subject) WHERE cleared_at IS NULL DO UPDATE SET text = excluded.text",
                   {subject, text});
}

void MailAlerts::clear(Database& database, const std::string& subject) {
    const std::lock_guard lock(mutex_);
    if (quiet_.contains(subject))
        return;
    database.query(
        "UPDATE alert SET cleared_at = now() WHERE kind = 'mail' AND subject = $1 AND cleared_at IS NULL",
        {subject});
    quiet_.insert(subject);
}

} // namespace mogiri::daemon
