// Reads an object of a settings document key by key; every refusal names the key by its path, the value, and
// the remedy.
#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event_settings.hpp"
#include "json_owner.hpp"

namespace mogiri {

// Owner: the function that reads; the document outlives it. Knows which keys were asked for, to refuse the
// others. Every function throws SettingsError.
class SettingsReader {
  public:
    SettingsReader(const json_t* object, std::string path) : object_(object), path_(std::move(path)) {
        if (!json_is_object(object_))
            refuse("", "must be a table");
    }

    [[noreturn]] void refuse(const std::string& key, const std::string& remedy) const {
        const json_t* value = key.empty() ? object_ : json_object_get(object_, key.c_str());
        std::string shown = value ? json_text(value) : "";
        if (shown.size() > 60)
            shown = shown.substr(0, 57) + "...";
        throw SettingsError(path_of(key), shown, remedy);
    }

    std::string path_of(const std::string& key) const {
        return path_.empty() || key.empty() ? path_ + key : path_ + "." + key;
    }

    const json_t* get(const std::string& key) {
        known_.insert(key);
        return json_object_get(object_, key.c_str());
    }
    bool has(const std::string& key) { return get(key) != nullptr; }

    std::string text(const std::string& key) {
        const json_t* value = get(key);
        if (!value)
            refuse(key, "is missing; give a text");
        if (!json_is_string(value))
            refuse(key, "must be a text in quotes");
        return std::string(text_of(value));
    }
    std::string text(const std::string& key, const std::string& fallback) {
        return has(key) ? text(key) : fallback;
    }

    std::string name(const std::string& key) {
        const std::string id = text(key);
        if (id.empty() || id.size() > 64 ||
            id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") !=
                std::string::npos)
            refuse(key, "must be 1 to 64 letters, digits, '-' or '_'");
        return id;
    }

    std::int64_t number(const std::string& key, std::int64_t least, std::int64_t most) {
        const json_t* value = get(key);
        if (!value)
            refuse(key, "is missing; give a whole number");
        if (!json_is_integer(value) || json_integer_value(value) < least || json_integer_value(value) > most)
            refuse(key,
                   "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        return json_integer_value(value);
    }
    std::int64_t number(const std::string& key, std::int64_t least, std::int64_t most,
                        std::int64_t fallback) {
        return has(key) ? number(key, least, most) : fallback;
    }

    bool truth(const std::string& key, bool fallback) {
        const json_t* value = get(key);
        if (value && !json_is_boolean(value))
            refuse(key, "must be true or false");
        return value ? json_is_true(value) : fallback;
    }

    Localized localized(const std::string& key, bool required = true) {
        if (!has(key) && !required)
            return {};
        if (!has(key))
            refuse(key, "is missing; give { ja = \"…\", en = \"…\" }");
        SettingsReader both(get(key), path_of(key));
        Localized result{both.text("ja"), both.text("en")};
        both.finish();
        return result;
    }

    // Calls take(reader) for each table of the list.
    template <typename Take> void each(const std::string& key, bool required, Take take) {
        const json_t* list = get(key);
        if ((!list && required) ||
            (list && (!json_is_array(list) || (required && json_array_size(list) == 0))))
            refuse(key, "must be a list of at least one [[" + key + "]]");
        std::size_t index;
        json_t* value;
        json_array_foreach(list, index, value) {
            SettingsReader item(value, path_of(key) + "[" + std::to_string(index) + "]");
            take(item);
            item.finish();
        }
    }

    std::vector<std::string> texts(const std::string& key) {
        std::vector<std::string> result;
        each_value(key, "must be a list of texts", [&](json_t* value) {
            if (json_is_string(value))
                result.emplace_back(text_of(value));
            return json_is_string(value);
        });
        return result;
    }

    std::vector<std::int64_t> numbers(const std::string& key) {
        std::vector<std::int64_t> result;
        each_value(key, "must be a list of whole numbers", [&](json_t* value) {
            if (json_is_integer(value))
                result.push_back(json_integer_value(value));
            return json_is_integer(value);
        });
        return result;
    }

    template <typename Value, std::size_t n>
    Value one_of(const std::string& key, const std::array<std::pair<std::string_view, Value>, n>& choices,
                 std::string_view fallback) {
        const std::string chosen = text(key, std::string(fallback));
        std::string all;
        for (const auto& [name, value] : choices) {
            if (name == chosen)
                return value;
            all.append(all.empty() ? "" : ", ").append(name);
        }
        refuse(key, "must be one of " + all);
    }

    void finish() const {
        const char* key;
        json_t* value;
        json_object_foreach(const_cast<json_t*>(object_), key, value) if (!known_.contains(key))
            refuse(key, "is no key that is known here; check its spelling or remove it");
    }

  private:
    // Calls take(value) for each value of the list, where there is one; false refuses it.
    template <typename Take> void each_value(const std::string& key, const char* remedy, Take take) {
        const json_t* list = get(key);
        if (list && !json_is_array(list))
            refuse(key, remedy);
        std::size_t index;
        json_t* value;
        json_array_foreach(list, index, value) if (!take(value)) refuse(key, remedy);
    }

    const json_t* object_;
    std::string path_;
    std::set<std::string> known_;
};

} // namespace mogiri
