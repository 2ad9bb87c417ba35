// What comes back of a mail: delivery status notifications (RFC 3464), the text form of qmail and of mobile
// carriers, and notifications of SES, read into one shape.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mogiri::daemon {

// hard: the address takes no mail for good. soft: this mail only, or for now. news: nothing was returned (a
// delay, a delivery).
enum class BounceKind { hard, soft, complaint, news };

const char* bounce_name(BounceKind kind);

struct Bounce {
    BounceKind kind = BounceKind::soft;
    const char* source = "dsn"; // dsn, text, ses
    std::string status;         // "5.1.1", or empty
    std::string said;           // one line, may name the address
    // Of the mail that came back: Message-IDs with angle brackets, and SES's own id. Whoever does not have
    // our mail cannot name one.
    std::vector<std::string> message_ids;
    std::string provider_id;
};

class NotABounce : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Larger ones are none.
inline constexpr std::size_t largest_bounce = 32 * 1024 * 1024;

// A mail, or JSON when it begins with '{'. Throws NotABounce, which says what is missing.
Bounce read_bounce(std::string_view text);

// The two kinds of it. Throw NotABounce.
Bounce read_bounce_mail(std::string_view mail);
Bounce read_ses_notification(std::string_view json);

// By the status of RFC 3463, and by a server's words where that says nothing.
BounceKind judge_bounce(std::string_view status, std::string_view said);

// One line of visible UTF-8, at most 400 bytes.
std::string one_line(std::string_view said);

} // namespace mogiri::daemon
