// A JSON object put together in one buffer, member by member, for answers that must be quick. Members come in
// the order in which they are added.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "daemon/contract/plain_text.hpp"

namespace mogiri::module {

class JsonText {
  public:
    JsonText() { *at_++ = '{'; }
    JsonText(const JsonText&) = delete;
    JsonText& operator=(const JsonText&) = delete;

    // A text that is not UTF-8 is left out, as jansson leaves it out. Names are ours: nothing in them needs a
    // backslash.
    template <std::size_t Size> void add(const char (&name)[Size], std::string_view value) {
        const std::size_t plain = plain_length(value);
        if (plain == value.size()) {
            add_plain(name, value);
        } else if (is_valid_utf8(value)) {
            begin(name);
            append_quoted(value);
        }
    }
    // A text of ours, in which nothing needs a backslash either.
    template <std::size_t Size> void add_plain(const char (&name)[Size], std::string_view value) {
        begin(name);
        char* to = room(value.size() + 2);
        *to = '"';
        std::copy(value.begin(), value.end(), to + 1);
        to[value.size() + 1] = '"';
        at_ += value.size() + 2;
    }
    template <std::size_t Size> void add(const char (&name)[Size], std::int64_t number) {
        begin(name);
        constexpr std::size_t longest = 24;
        char* to = room(longest);
        at_ = std::to_chars(to, to + longest, number).ptr;
    }
    template <std::size_t Size> void add_true(const char (&name)[Size]) {
        begin(name);
        append("true");
    }
    // What is added until close() belongs to an object of that name.
    template <std::size_t Size> void open(const char (&name)[Size]) {
        begin(name);
        append("{");
    }
    void close() { append("}"); }

    // The whole object; nothing is added afterwards. A view of this.
    std::string_view take() {
        close();
        return {begin_, static_cast<std::size_t>(at_ - begin_)};
    }

  private:
    static constexpr std::array<bool, 256> plain_bytes = [] {
        std::array<bool, 256> plain{};
        for (std::size_t byte = 0x20; byte < 0x80; ++byte) {
            plain[byte] = byte != '"' && byte != '\\';
        }
        return plain;
    }();

    // As far as bytes stand for themselves, in ASCII.
    static std::size_t plain_length(std::string_view value) {
        std::size_t size = 0;
        while (size < value.size() && plain_bytes[static_cast<unsigned char>(value[size])]) {
            ++size;
        }
        return size;
    }

    // Where so many characters may be written; `at_` is to follow.
    char* room(std::size_t size) {
        if (static_cast<std::size_t>(end_ - at_) < size) {
            grow(size);
        }
        return at_;
    }
    void grow(std::size_t size) {
        const auto used = static_cast<std::size_t>(at_ - begin_), wanted = 2 * (used + size);
        auto larger = std::make_unique<char[]>(wanted);
        std::memcpy(larger.get(), begin_, used);
        large_ = std::move(larger);
        begin_ = large_.get();
        at_ = begin_ + used;
        end_ = begin_ + wanted;
    }

    template <std::size_t Size> void append(const char (&text)[Size]) {
        std::memcpy(room(Size - 1), text, Size - 1);
        at_ += Size - 1;
    }
    void append(std::string_view text) {
        at_ = std::copy(text.begin(), text.end(), room(text.size()));
    }

    template <std::size_t Size> void begin(const char (&name)[Size]) {
        char* to = room(Size + 3);
        if (at_[-1] != '{') {
            *to++ = ',';
        }
        *to++ = '"';
        std::memcpy(to, name, Size - 1);
        to += Size - 1;
        *to++ = '"';
        *to++ = ':';
        at_ = to;
    }

    void append_quoted(std::string_view value) {
        constexpr char digits[] = "0123456789abcdef";
        append("\"");
        std::size_t from = 0;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const auto byte = static_cast<unsigned char>(value[i]);
            if (byte >= 0x20 && byte != '"' && byte != '\\') {
                continue;
            }
            append(value.substr(from, i - from));
            from = i + 1;
            if (byte == '"' || byte == '\\') {
                const char escaped[] = {'\\', value[i]};
                append(std::string_view(escaped, sizeof escaped));
            } else {
                const char escaped[] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 15]};
                append(std::string_view(escaped, sizeof escaped));
            }
        }
        append(value.substr(from));
        append("\"");
    }

    char small_[1024];
    std::unique_ptr<char[]> large_;
    char *begin_ = small_, *at_ = small_, *end_ = small_ + sizeof small_;
};

} // namespace mogiri::module
