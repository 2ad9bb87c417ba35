// What text that people type may consist of: encoding, invisible characters, alphabets.
#include "plain_text.hpp"

#include <algorithm>

namespace mogiri {

namespace {

constexpr char32_t wide_blank = 0x3000;

// The code points of valid UTF-8, one after the other.
class CodePoints {
  public:
    explicit CodePoints(std::string_view text) : text_(text) {}

    bool more() const { return at_ < text_.size(); }
    char32_t next() {
        const auto lead = static_cast<unsigned char>(text_[at_++]);
        if (lead < 0x80)
            return lead;
        const int more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        char32_t point = lead & (0x3fU >> more);
        for (int i = 0; i < more; ++i)
            point = point << 6 | (static_cast<unsigned char>(text_[at_++]) & 0x3fU);
        return point;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

template <typename Allowed> bool all_of(std::string_view text, Allowed allowed) {
    for (CodePoints points(text); points.more();)
        if (!allowed(points.next()))
            return false;
    return true;
}

constexpr bool between(char32_t point, char32_t first, char32_t last) {
    return point >= first && point <= last;
}

// Unicode's Default_Ignorable_Code_Point and White_Space, as far as people can type or paste them.
bool shows_nothing(char32_t point) {
    return point == ' ' || point == 0xa0 || point == 0xad || point == 0x34f || point == 0x61c ||
           between(point, 0x115f, 0x1160) || between(point, 0x17b4, 0x17b5) ||
           between(point, 0x180b, 0x180f) || between(point, 0x2000, 0x200f) || point == 0x202f ||
           between(point, 0x205f, 0x206f) || point == wide_blank || point == 0x3164 ||
           between(point, 0xfe00, 0xfe0f) || point == 0xfeff || point == 0xffa0 ||
           between(point, 0xe0000, 0xe0fff);
}

} // namespace

bool is_valid_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t size = lead < 0x80   ? 1
                                 : lead < 0xc2 ? 0
                                 : lead < 0xe0 ? 2
                                 : lead < 0xf0 ? 3
                                 : lead < 0xf5 ? 4
                                               : 0;
        if (size == 0 || i + size > text.size())
            return false;
        for (std::size_t k = 1; k < size; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80)
                return false;
        const auto second = size > 1 ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
            return false;
        i += size;
    }
    return true;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view wide = "\xe3\x80\x80";
    while (true) {
        if (text.starts_with(' '))
            text.remove_prefix(1);
        else if (text.ends_with(' '))
            text.remove_suffix(1);
        else if (text.starts_with(wide))
            text.remove_prefix(wide.size());
        else if (text.ends_with(wide))
            text.remove_suffix(wide.size());
        else
            return text;
    }
}

std::string folded(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const bool is_wide = (static_cast<unsigned char>(text[0]) & 0xf0) == 0xe0 && text.size() >= 3;
        const char32_t point = is_wide ? CodePoints(text).next() : 0;
        const std::size_t size = is_wide ? 3 : 1;
        if (between(point, 0xff01, 0xff5e))
            result += static_cast<char>(point - 0xff01 + '!');
        else if (point == wide_blank)
            result += ' ';
        else
            result += text.substr(0, size);
        text.remove_prefix(size);
    }
    return result;
}

bool has_control_character(std::string_view text, bool lines) {
    return !all_of(text, [lines](char32_t point) {
        return (point >= 0x20 || (lines && point == '\n')) && !between(point, 0x7f, 0x9f) &&
               !between(point, 0x2028, 0x202e) && !between(point, 0x2066, 0x2069);
    });
}

bool is_invisible(std::string_view text) {
    return all_of(text, shows_nothing);
}

std::int64_t characters(std::string_view text) {
    return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

bool is_roman_name(std::string_view text) {
    return all_of(text, [](char32_t point) {
        return between(point, 'a', 'z') || between(point, 'A', 'Z') || point == ' ' || point == '-' ||
               point == '\'' || point == '.';
    });
}

bool is_kana_name(std::string_view text) {
    return all_of(text, [](char32_t point) {
        return between(point, 0x3041, 0x3096) || between(point, 0x309d, 0x309e) ||
               between(point, 0x30a1, 0x30fe) || point == ' ' || point == wide_blank;
    });
}

} // namespace mogiri
