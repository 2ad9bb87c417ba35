// What a call of the API asks for, read member by member: every fault is noted with its field, and told
// together.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "verbs.hpp"

namespace mogiri::daemon {

// Its arguments, as the module makes them: {"path":{…},"query":{…},"body":{…},"if_match":…,"session":…}. What
// is missing or wrong reads as empty; who has read all asks fault() before doing anything.
class Ask {
  public:
    // Both outlive this object.
    Ask(const CallTools& tools, const json_t* arguments);

    // A member of the body: one line of visible text.
    std::string text(const char* name, std::size_t longest = 200);
    std::optional<std::string> maybe_text(const char* name, std::size_t longest = 200);
    std::string choice(const char* name, std::initializer_list<std::string_view> choices);
    std::optional<bool> maybe_truth(const char* name);
    std::optional<std::int64_t> maybe_number(const char* name, std::int64_t least, std::int64_t most);
    std::vector<std::string> texts(const char* name);
    // A member that the module sealed.
    std::string secret(const char* name);
    // Of the body, whatever it is; null when it is missing.
    const json_t* value(const char* name);

    // Of the path; 0 when it is no number, which nothing has.
    std::int64_t path_number(const char* name) const;
    std::string_view path(const char* name) const;
    const json_t* query() const;

    // Whether the caller has seen the latest version; who does not say which he has seen is refused.
    std::optional<CallResult> unless_seen(std::int64_t version) const;

    // Of the session that asks, or that is to be begun.
    std::string_view session() const { return text_of(json_object_get(arguments_, "session")); }
    // Hash of the secret that nginx has made for who asks.
    std::string_view new_secret() const { return text_of(json_object_get(arguments_, "new_secret")); }
    std::string_view new_session() const { return text_of(json_object_get(arguments_, "new_session")); }

    void wrong(std::string_view field, std::string_view code) { faults_.emplace_back(field, code); }
    // 422 with all that is wrong, unknown members too.
    std::optional<CallResult> fault();

  private:
    const CallTools& tools_;
    const json_t* arguments_;
    const json_t* body_;
    std::set<std::string, std::less<>> read_;
    std::vector<std::pair<std::string, std::string>> faults_;
};

// 422 with one entry.
CallResult invalid(std::string_view field, std::string_view code);
CallResult invalid(const std::vector<std::pair<std::string, std::string>>& faults);

} // namespace mogiri::daemon
