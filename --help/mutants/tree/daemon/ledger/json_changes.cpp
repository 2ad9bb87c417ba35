// What differs between two JSON documents, for people to read before they agree.
#include "json_changes.hpp"

#include <json_owner.hpp>

#include <algorithm>
#include <set>

namespace mogiri::daemon {

namespace {

constexpr std::size_t longest_value = 60; // bytes

std::string shown(const json_t* value) {
    std::string text = json_text(value);
    if (text.size() <= longest_value)
        return text;
    std::size_t end = longest_value;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end; // not in the middle of a character
    return text.substr(0, end) + "…";
}

class Comparison {
  public:
    void compare(const std::string& path, const json_t* before, const json_t* after) {
        if (before && after && json_equal(before, after))
            return;
        if (json_is_object(before) && json_is_object(after))
            compare_objects(path, before, after);
        else if (json_is_array(before) && json_is_array(after))
            compare_lists(path, before, after);
        else if (!before)
            lines_.push_back(path + ": added " + shown(after));
        else if (!after)
            lines_.push_back(path + ": removed (was " + shown(before) + ")");
        else
            lines_.push_back(path + ": " + shown(before) + " -> " + shown(after));
    }

    std::vector<std::string> take() { return std::move(lines_); }

  private:
    void compare_objects(const std::string& path, const json_t* before, const json_t* after) {
        std::set<std::string> keys;
        for (const json_t* object : {before, after}) {
            const char* key;
            json_t* value;
            json_object_foreach(const_cast<json_t*>(object), key, value) keys.insert(key);
        }
        for (const std::string& key : keys)
            compare(path.empty() ? key : path + "." + key, json_object_get(before, key.c_str()),
                    json_object_get(after, key.c_str()));
    }

    void compare_lists(const std::string& path, const json_t* before, const json_t* after) {
        const std::size_t size = std::max(json_array_size(before), json_array_size(after));
        for (std::size_t i = 0; i < size; ++i)
            compare(path + "[" + std::to_string(i) + "]", json_array_get(before, i),
                    json_array_get(after, i));
    }

    std::vector<std::string> lines_;
};

} // namespace

std::vector<std::string> json_changes(const json_t* before, const json_t* after) {
    Comparison comparison;
    comparison.compare("", before, after);
    return comparison.take();
}

} // namespace mogiri::daemon
