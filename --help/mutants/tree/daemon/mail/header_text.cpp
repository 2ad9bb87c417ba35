#include "header_text.hpp"

#include <algorithm>

#include <glib.h>

#include "../owned.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::string_view word_start = "=?UTF-8?B?", word_end = "?=";
// A line with words has at most 76 characters (RFC 2047, 2), the first one with the name of its header.
constexpr std::size_t longest_name = std::string_view("Reply-To: ").size();
constexpr std::size_t word_bytes = (76 - longest_name - word_start.size() - word_end.size()) / 4 * 3;
// Above it even ASCII is spelled in words, for these can be folded anywhere.
constexpr std::size_t longest_plain = 60;

std::string one_valid_line(std::string_view text) {
    const Owned<char, g_free> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
    std::string line = valid.get();
    for (char& c : line)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
            c = ' ';
    return line;
}

bool is_plain(std::string_view text) {
    if (text.size() > longest_plain || text.find("=?") != text.npos)
        return false;
    for (const char c : text)
        if (static_cast<unsigned char>(c) >= 0x80)
            return false;
    return text.empty() || (text.front() != ' ' && text.back() != ' ');
}

std::string word_of(std::string_view bytes) {
    const Owned<char, g_free> base64(
        g_base64_encode(reinterpret_cast<const guchar*>(bytes.data()), bytes.size()));
    return std::string(word_start) + base64.get() + std::string(word_end);
}

std::string words_of(std::string_view text) {
    std::string words;
    while (!text.empty()) {
        std::size_t length = std::min(text.size(), word_bytes);
        while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
            --length;
        words += (words.empty() ? "" : "\n ") + word_of(text.substr(0, length));
        text.remove_prefix(length);
    }
    return words;
}

// Of characters that an acceptable address has anyway.
bool is_dot_atom(std::string_view local) {
    return !local.starts_with('.') && !local.ends_with('.') && local.find("..") == local.npos;
}

} // namespace

std::string header_text(std::string_view text) {
    const std::string line = one_valid_line(text);
    return is_plain(line) ? line : words_of(line);
}

std::string header_mailbox(std::string_view name, std::string_view address) {
    const std::size_t at = address.rfind('@');
    std::string local(address.substr(0, at));
    if (!is_dot_atom(local))
        local = '"' + local + '"';
    const std::string whole = local + std::string(address.substr(at));
    if (name.empty())
        return whole;
    // A display name in words needs no quoting, whatever is in it.
    return words_of(one_valid_line(name)) + "\n <" + whole + ">";
}

} // namespace mogiri::daemon
