// What an attempt to deliver means for the mail and for the transport: by how far it came and what the server
// answered there.
#pragma once

#include <transport.h>

namespace mogiri::smtp {

enum class Step {
    connecting, // nothing was heard yet
    greeting,   // the server's greeting and what it can do
    encrypting, // from STARTTLS until the first words under TLS
    login,
    sender,    // MAIL FROM
    recipient, // RCPT TO
    data,      // DATA was said
    message,   // 354 came, and the message is under way
    end        // all of it was handed over, so it may have arrived
};

// `code`: the answer to the step's last command, 0 when none came. `tls_failed`: TLS
// did not come about.
mogiri_outcome verdict(Step step, int code, bool tls_failed);

} // namespace mogiri::smtp
