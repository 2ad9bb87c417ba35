// Reads a locale file and fills its sentences.
#include "pages/words.hpp"

#include <stdexcept>

#include "daemon/contract/json_owner.hpp"

namespace mogiri::module {

PageWords PageWords::load(const std::string& path) {
    json_error_t error;
    const Json document(json_load_file(path.c_str(), JSON_REJECT_DUPLICATES, &error));
    if (!document) {
        throw std::runtime_error(path + ":" + std::to_string(error.line) + ": " + error.text);
    }
    if (!json_is_object(document.get())) {
        throw std::runtime_error(path + ": must be one JSON object of texts");
    }
    PageWords words;
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(document.get(), key, value) {
        if (!json_is_string(value)) {
            throw std::runtime_error(path + ": \"" + key + "\" must be a text");
        }
        words.words_.emplace(key, std::string(text_of(value)));
    }
    return words;
}

const std::string& PageWords::operator[](std::string_view key) const {
    const auto found = words_.find(key);
    if (found == words_.end()) {
        throw std::out_of_range("no words for \"" + std::string(key) + "\"");
    }
    return found->second;
}

std::string PageWords::filled(std::string_view key, Values values) const {
    std::string_view rest = (*this)[key];
    std::string text;
    for (auto open = rest.find('{'); open != rest.npos; open = rest.find('{')) {
        const auto close = rest.find('}', open);
        if (close == rest.npos) {
            break;
        }
        text += rest.substr(0, open);
        const auto name = rest.substr(open + 1, close - open - 1);
        for (const auto& [known, value] : values) {
            if (known == name) {
                text += value;
            }
        }
        rest.remove_prefix(close + 1);
    }
    return text.append(rest);
}

std::string_view PageWords::missing_in(const PageWords& other) const {
    for (const auto& [key, text] : words_) {
        if (!other.has(key)) {
            return key;
        }
    }
    return "";
}

} // namespace mogiri::module
