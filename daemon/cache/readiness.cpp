// Whether Redis may carry the door at all: its durable settings, its function library, its identity.
#include "readiness.hpp"

#include <function_library.hpp>

#include <algorithm>

namespace mogiri::daemon {

namespace {

struct DurableSetting {
    const char *name, *value;
};

constexpr DurableSetting durable_settings[] = {
    {"appendonly", "yes"},
    {"appendfsync", "always"},
    {"no-appendfsync-on-rewrite", "no"},
    {"maxmemory-policy", "noeviction"},
};

// The code of our library, with its name and other fields around it; nothing when it is not there.
std::optional<std::string> library_code(const Reply& list) {
    if (list.size() == 0)
        return std::nullopt;
    const ReplyView library = list[0];
    for (std::size_t i = 0; i + 1 < library.size(); i += 2)
        if (library[i].text() == "library_code")
            return library[i + 1].string();
    return "";
}

// The line that names the layout of tickets' records (functions/*_ticket_record.lua).
std::string_view record_layout(std::string_view library) {
    const std::size_t at = std::min(library.find("\n-- records: layout "), library.size());
    return library.substr(at, library.find('\n', at + 1) - at);
}

} // namespace

std::vector<std::string> undurable_settings(Redis& redis) {
    std::vector<std::string> wrong;
    for (const DurableSetting& setting : durable_settings) {
        const Reply reply = redis.command({"CONFIG", "GET", setting.name});
        const std::string found = reply.size() == 2 ? reply[1].string() : "unknown";
        if (found != setting.value)
            wrong.push_back(std::string(setting.name) + " is " + found + ": set " + setting.name + " " +
                            setting.value + " in redis.conf");
    }
    return wrong;
}

LibraryState library_state(Redis& redis) {
    const auto code =
        library_code(redis.command({"FUNCTION", "LIST", "LIBRARYNAME", function_library_name, "WITHCODE"}));
    if (!code)
        return LibraryState::missing;
    if (*code == function_library())
        return LibraryState::current;
    return record_layout(*code) == record_layout(function_library()) ? LibraryState::other_version
                                                                     : LibraryState::other_layout;
}

bool has_library(Redis& redis) {
    return redis.command({"FUNCTION", "LIST", "LIBRARYNAME", function_library_name}).size() > 0;
}

void load_library(Redis& redis) {
    redis.command({"FUNCTION", "LOAD", "REPLACE", function_library()});
}

} // namespace mogiri::daemon
