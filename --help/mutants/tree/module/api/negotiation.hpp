// What a request's Accept, If-None-Match and If-Match ask for, and the ETag that they compare with.
//
// Pure functions: no nginx, no Redis.
#pragma once

#include <string>
#include <string_view>

namespace mogiri::module {

// Of what is sent: its version, where it has one, and a digest of its bytes: "\"7.0123456789abcdef\"". A
// version alone would not tell that, say, somebody logged in since.
std::string etag_of(std::string_view body);

inline bool has_version(std::string_view etag) {
    return etag.find('.') != etag.npos;
}

// Whether If-None-Match names what would be sent (RFC 9110, 13.1.2: compared weakly).
bool is_known(std::string_view if_none_match, std::string_view etag);

// The version in an If-Match: "7" of "\"7.0123456789abcdef\"", "*" of "*".
std::string_view version_in(std::string_view if_match);

// Whether an Accept header takes this type; "" takes all.
bool accepts(std::string_view accept, std::string_view type);

} // namespace mogiri::module
