// Whether somebody may ask for a route, and whether it is really our own page that asks.
#include "api/access.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace mogiri::module {

namespace {

constexpr std::array<std::pair<Who, std::string_view>, 6> names = {{{who::student, "student"},
                                                                    {who::teacher, "teacher"},
                                                                    {who::scanner, "scanner"},
                                                                    {who::supervisor, "supervisor"},
                                                                    {who::staff, "staff"},
                                                                    {who::admin, "admin"}}};

bool has_a_role(const Principal& principal, Who who, std::uint32_t event) {
    return std::ranges::any_of(names, [&](const auto& role) {
        return (who & role.first) != 0 &&
               ((who & who::all_events) != 0 ? principal.has_everywhere(role.second)
                                             : principal.has(role.second, event));
    });
}

} // namespace

bool may(const Principal& principal, const Wanted& wanted, std::uint32_t event) {
    if (!principal.is_key()) {
        return (wanted.who & who::member) != 0 || has_a_role(principal, wanted.who, event);
    }
    std::string scope(wanted.verb.substr(0, wanted.verb.find('.')));
    scope += wanted.writes ? ":write" : ":read";
    return std::ranges::count(principal.scopes, scope) != 0 && has_a_role(principal, wanted.who, event);
}

bool is_own(const Provenance& provenance) {
    if (provenance.fetch_site) {
        return *provenance.fetch_site == "same-origin" || *provenance.fetch_site == "none";
    }
    if (!provenance.origin) {
        return false;
    }
    // The scheme may have been another one in front of a proxy; the host is the name that the cookie is bound
    // to.
    const std::size_t scheme = provenance.origin->find("://");
    return scheme != provenance.origin->npos && !provenance.host.empty() &&
           provenance.origin->substr(scheme + 3) == provenance.host;
}

std::optional<std::string_view> cookie_in(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const std::size_t end = std::min(header.find(';'), header.size());
        std::string_view one = header.substr(0, end);
        header.remove_prefix(std::min(end + 1, header.size()));
        one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
        if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') {
            return one.substr(name.size() + 1);
        }
    }
    return std::nullopt;
}

} // namespace mogiri::module
