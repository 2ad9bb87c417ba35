// A mail as bytes: RFC 5322 and MIME, by GMime.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mogiri::daemon {

struct Attachment {
    std::string file_name; // UTF-8, as the reader will see it
    std::string content;
    std::string type = "image/png";
    std::string content_id = {}; // by which the HTML shows it, as src="cid:…"; empty: it is only attached
};

struct Message {
    std::string from_name, from, to, reply_to; // reply_to may be empty
    std::string message_id;                    // with angle brackets
    std::string language;                      // "ja" or "en"
    std::string subject, text, html;           // UTF-8, lines ended by LF
    std::vector<Attachment> attachments;       // each is in the mail once
};

// The mail's own data are at fault: no later attempt will do better.
class UnsendableMail : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Every part is base64, every line ends with CRLF and is at most 998 bytes. Dated now. Throws UnsendableMail
// when an address or the Message-ID could end its header or its SMTP command.
std::string compose(const Message& message);

} // namespace mogiri::daemon
