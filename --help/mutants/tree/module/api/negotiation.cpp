// What a request's Accept, If-None-Match and If-Match ask for.
#include "api/negotiation.hpp"

#include <algorithm>
#include <cctype>
#include <span>

#include "daemon/contract/digest.hpp"
#include "daemon/contract/json_owner.hpp"

namespace mogiri::module {

namespace {

constexpr std::size_t digest_bytes = 8;

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// Calls `wanted` for each entry of a comma-separated header, until one is true.
template <class Wanted> bool any_of_list(std::string_view list, Wanted wanted) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        if (wanted(trimmed(list.substr(0, end)))) {
            return true;
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

bool same_letters(std::string_view left, std::string_view right) {
    return std::ranges::equal(left, right, [](unsigned char one, unsigned char other) {
        return std::tolower(one) == std::tolower(other);
    });
}

// ";q=0" and ";q=0.000" say: not this.
bool is_ruled_out(std::string_view parameters) {
    const std::size_t quality = parameters.find("q=");
    return quality != parameters.npos &&
           parameters.substr(quality + 2).find_first_of("123456789") == parameters.npos;
}

} // namespace

std::string etag_of(std::string_view body) {
    std::string etag = "\"";
    if (body.starts_with('{')) {
        const Json answer = parse_json(body);
        if (const json_t* version = json_object_get(answer.get(), "version"); json_is_integer(version)) {
            etag += std::to_string(json_integer_value(version)) + ".";
        }
    }
    const Digest digest = sha256(body);
    return etag + hex(std::span(digest).first(digest_bytes)) + "\"";
}

bool is_known(std::string_view if_none_match, std::string_view etag) {
    return any_of_list(if_none_match, [&](std::string_view one) {
        return one == "*" || (one.starts_with("W/") ? one.substr(2) : one) == etag;
    });
}

std::string_view version_in(std::string_view if_match) {
    if (if_match.size() >= 2 && if_match.starts_with('"') && if_match.ends_with('"')) {
        if_match = if_match.substr(1, if_match.size() - 2);
    }
    return if_match.substr(0, if_match.find('.'));
}

bool accepts(std::string_view accept, std::string_view type) {
    return trimmed(accept).empty() || any_of_list(accept, [&](std::string_view one) {
               const std::string_view range = trimmed(one.substr(0, one.find(';')));
               if (is_ruled_out(one.substr(range.size()))) {
                   return false;
               }
               const std::string_view family = type.substr(0, type.find('/'));
               return range == "*/*" || same_letters(range, type) ||
                      (range.ends_with("/*") && same_letters(range.substr(0, range.size() - 2), family));
           });
}

} // namespace mogiri::module
