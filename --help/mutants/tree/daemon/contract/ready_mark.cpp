// Reads and writes the ready mark.
#include "ready_mark.hpp"

#include <charconv>
#include <cstdio>

namespace mogiri {

std::string encode(const ReadyMark& mark) {
    char numbers[64];
    const int size = std::snprintf(
        numbers, sizeof numbers, " %010llu %010llu %016llu", static_cast<unsigned long long>(mark.epoch),
        static_cast<unsigned long long>(mark.settings), static_cast<unsigned long long>(mark.batch));
    return mark.run_id + std::string(numbers, static_cast<std::size_t>(size));
}

std::optional<ReadyMark> decode_ready_mark(std::string_view text) {
    if (text.size() != 79 || text[40] != ' ' || text[51] != ' ' || text[62] != ' ')
        return std::nullopt;
    ReadyMark mark{std::string(text.substr(0, 40))};
    auto read = [&](std::size_t at, std::size_t size, std::uint64_t& value) {
        const char* end = text.data() + at + size;
        auto [stop, error] = std::from_chars(text.data() + at, end, value);
        return error == std::errc() && stop == end;
    };
    if (!read(41, 10, mark.epoch) || !read(52, 10, mark.settings) || !read(63, 16, mark.batch))
        return std::nullopt;
    return mark;
}

} // namespace mogiri
