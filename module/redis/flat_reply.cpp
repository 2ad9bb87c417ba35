// One walk over a flat reply. It takes less than hiredis does, never more (redis_reply_test and the fuzz target compare them).
#include "redis/flat_reply.hpp"

#include <charconv>
#include <optional>

namespace mogiri::module {

namespace {

constexpr std::string_view line_end = "\r\n";

// "<digits>\r\n" behind the type's sign, which is taken off with it.
std::optional<long long> take_number(std::string_view& bytes) {
    long long number = 0;
    const char *begin = bytes.data() + 1, *end = bytes.data() + bytes.size();
    const auto [behind, error] = std::from_chars(begin, end, number);
    const bool has_one_spelling = begin != end && *begin == '0' ? behind - begin == 1 : !std::string_view(begin, behind).starts_with("-0");
    if (error != std::errc{} || !has_one_spelling || end - behind < 2 || std::string_view(behind, 2) != line_end) {
        return std::nullopt;
    }
    bytes.remove_prefix(static_cast<std::size_t>(behind - bytes.data()) + line_end.size());
    return number;
}

} // namespace

const redisReply* FlatReply::take(std::string_view& bytes) {
    std::string_view rest = bytes;
    if (!rest.starts_with('*')) {
        return nullptr;
    }
    const auto count = take_number(rest);
    if (!count || *count < 1 || *count > static_cast<long long>(most_elements)) {
        return nullptr;
    }
    whole_.type = REDIS_REPLY_ARRAY;
    whole_.elements = static_cast<std::size_t>(*count);
    whole_.element = places_.data();
    for (std::size_t i = 0; i < whole_.elements; ++i) {
        places_[i] = &elements_[i];
        if (!read_element(rest, elements_[i])) {
            return nullptr;
        }
    }
    bytes = rest;
    return &whole_;
}

bool FlatReply::read_element(std::string_view& bytes, redisReply& element) {
    const char sign = bytes.empty() ? '\0' : bytes.front();
    if (sign != ':' && sign != '$') {
        return false;
    }
    const auto number = take_number(bytes);
    if (!number) {
        return false;
    }
    if (sign == ':') {
        element.type = REDIS_REPLY_INTEGER;
        element.integer = *number;
        return true;
    }
    if (*number < 0 || bytes.size() < line_end.size() || static_cast<std::size_t>(*number) > bytes.size() - line_end.size()) {
        return false;
    }
    const auto size = static_cast<std::size_t>(*number);
    if (bytes.substr(size, line_end.size()) != line_end) {
        return false;
    }
    element.type = REDIS_REPLY_STRING;
    element.str = const_cast<char*>(bytes.data());
    element.len = size;
    bytes.remove_prefix(size + line_end.size());
    return true;
}

} // namespace mogiri::module
