// A JSON object put together in one buffer, member by member, for answers that must be quick. Members come in
// the order in which they are added.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/contract/plain_text.hpp"

namespace mogiri::module {

class JsonText {
  public:
    JsonText() {
        text_.reserve(512);
        text_ += '{';
    }

    // A text that is not UTF-8 is left out, as jansson leaves it out.
    void add(std::string_view name, std::string_view value) {
        if (!is_valid_utf8(value)) {
            return;
        }
        begin(name);
        append_quoted(value);
    }
    void add(std::string_view name, std::int64_t number) {
        begin(name);
        char digits[24];
        text_.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
    }
    void add_true(std::string_view name) {
        begin(name);
        text_ += "true";
    }
    // What is added until close() belongs to an object of that name.
    void open(std::string_view name) {
        begin(name);
        text_ += '{';
    }
    void close() { text_ += '}'; }

    std::string take() && {
        close();
        return std::move(text_);
    }

  private:
    // Names are ours: nothing in them needs a backslash.
    void begin(std::string_view name) {
        if (text_.back() != '{') {
            text_ += ',';
        }
        text_ += '"';
        text_ += name;
        text_ += "\":";
    }

    void append_quoted(std::string_view value) {
        constexpr char digits[] = "0123456789abcdef";
        text_ += '"';
        std::size_t from = 0;
        for (std::size_t i = 0; i < value.size(); ++i) {
            const auto byte = static_cast<unsigned char>(value[i]);
            if (byte >= 0x20 && byte != '"' && byte != '\\') {
                continue;
            }
            text_ += value.substr(from, i - from);
            from = i + 1;
            if (byte == '"' || byte == '\\') {
                text_ += '\\';
                text_ += value[i];
            } else {
                text_ += "\\u00";
                text_ += digits[byte >> 4];
                text_ += digits[byte & 15];
            }
        }
        text_ += value.substr(from);
        text_ += '"';
    }

    std::string text_;
};

} // namespace mogiri::module
