// What every transport asks of an address before it leaves this machine.
#pragma once

#include <string_view>

namespace mogiri::plugins {

// RFC 5321 allows 254 bytes. libcurl 7.88 puts what it is given between < and > as it is, line ends too, so
// that an address could bring commands of its own; and it would send other than ASCII without asking for
// SMTPUTF8.
inline bool is_address(std::string_view address) {
    if (address.size() > 254 || address.find('@') == address.npos)
        return false;
    for (const char c : address)
        if (c <= ' ' || c > '~' || c == '<' || c == '>')
            return false;
    return true;
}

} // namespace mogiri::plugins
