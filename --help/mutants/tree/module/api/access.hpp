// Whether somebody may ask for a route: the roles of the route table against what a session or a key grants.
//
// Pure functions: no nginx, no Redis.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "daemon/contract/session.hpp"

namespace mogiri::module {

// Who may ask for a route: any of these, at the event of the address.
using Who = unsigned;
namespace who {
inline constexpr Who nobody = 0;
inline constexpr Who everyone = 1 << 0;
inline constexpr Who device = 1 << 1; // with a scanner's key, which its handler checks
inline constexpr Who member = 1 << 2; // any person who is logged in, whatever the roles; no key
inline constexpr Who student = 1 << 3, teacher = 1 << 4, scanner = 1 << 5, supervisor = 1 << 6,
                     staff = 1 << 7, admin = 1 << 8;
inline constexpr Who all_events = 1 << 9; // only with a role that holds at every event
} // namespace who

inline bool is_open(Who who) {
    return (who & (who::everyone | who::device)) != 0;
}

// "user.list" and a reading method: "user:read" is the scope that a key needs.
struct Wanted {
    Who who;
    std::string_view verb;
    bool writes;
};

bool may(const Principal& principal, const Wanted& wanted, std::uint32_t event);

// What a browser tells of where an unsafe request comes from; none of it can be written by a page.
struct Provenance {
    std::optional<std::string_view> fetch_site, origin;
    std::string_view host;
};

// Whether a request that carries a session's cookie was made by our own pages. Who tells nothing is refused:
// programs have keys.
bool is_own(const Provenance& provenance);

// The value of a cookie in a Cookie header, which may hold others; nothing when it is not there.
std::optional<std::string_view> cookie_in(std::string_view header, std::string_view name);

inline constexpr std::string_view session_cookie = "__Host-mogiri";

} // namespace mogiri::module
