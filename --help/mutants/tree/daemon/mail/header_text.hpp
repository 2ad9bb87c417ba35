// Values of mail headers: text in any language (RFC 2047) and addresses (RFC 5322), folded, lines ended by
// LF.
#pragma once

#include <string>
#include <string_view>

namespace mogiri::daemon {

// ASCII as it is; anything else as encoded words, one a line, never cut inside a character.
// Control characters become blanks, bytes that are no UTF-8 become U+FFFD.
std::string header_text(std::string_view text);

// `=?UTF-8?B?…?= <tickets@example.jp>`. A local part that is no dot-atom, like those that Japanese carriers
// once gave out, is quoted. Precondition: the address is acceptable (contract/form.hpp).
std::string header_mailbox(std::string_view name, std::string_view address);

} // namespace mogiri::daemon
