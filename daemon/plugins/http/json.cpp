#include "json.hpp"

#include <new>

#include <sodium.h>

namespace mogiri::plugins {

Json json_object_of(std::string_view text) {
    Json value(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
    return json_is_object(value.get()) ? std::move(value) : nullptr;
}

json_t* json_text(std::string_view text) {
    if (json_t* value = json_stringn(text.data(), text.size()))
        return value;
    std::string ascii(text);
    for (char& c : ascii)
        if (static_cast<unsigned char>(c) >= 0x80)
            c = '?';
    return json_stringn(ascii.data(), ascii.size());
}

std::string base64(std::string_view bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back(); // its NUL
    return text;
}

std::string text_at(const json_t* object, std::string_view path) {
    while (true) {
        const std::size_t dot = path.find('.');
        object = json_object_get(object, std::string(path.substr(0, dot)).c_str());
        if (dot == path.npos)
            break;
        path.remove_prefix(dot + 1);
    }
    return json_is_string(object) ? std::string(json_string_value(object), json_string_length(object))
                                  : std::string();
}

std::string dumped(const json_t* value) {
    const std::unique_ptr<char, decltype(&free)> text(json_dumps(value, JSON_COMPACT), free);
    if (!text)
        throw std::bad_alloc();
    return text.get();
}

std::string readable(std::string_view text, std::size_t length) {
    std::string shown, word;
    const auto finish = [&] {
        if (!word.empty())
            shown += (shown.empty() ? "" : " ") + (word.find('@') != word.npos ? "(address)" : word);
        word.clear();
    };
    for (const char c : text) {
        if (c > ' ' && c <= '~')
            word += c;
        else
            finish();
    }
    finish();
    return shown.size() <= length ? shown : shown.substr(0, length - 2) + "..";
}

} // namespace mogiri::plugins
