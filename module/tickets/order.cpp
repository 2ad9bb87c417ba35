// An applicant's request as the daemon is asked for it.
#include "tickets/order.hpp"

#include <charconv>

#include "daemon/contract/form_token.hpp"
#include "daemon/contract/json_owner.hpp"

namespace mogiri::module {

std::optional<HeldPath> read_held_path(std::string_view rest) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    HeldPath path{.application = std::string(rest.substr(0, end))};
    if (!application_id_is_plausible(path.application)) {
        return std::nullopt;
    }
    const std::size_t second = rest.find('/', std::min(end + 1, rest.size()));
    if (second == rest.npos) {
        return path;
    }
    std::string_view number = rest.substr(second + 1);
    number = number.substr(0, number.find('/'));
    if (number.ends_with(".png") || number.ends_with(".pdf")) {
        number.remove_suffix(4);
    }
    const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), path.ticket);
    if (error != std::errc{} || stop != number.data() + number.size() || path.ticket < 1 ||
        path.ticket > 1'000'000) {
        return std::nullopt;
    }
    return path;
}

CallOrder application_order(const SettingsPtr& event, const HeldPath& path, std::string_view verb,
                            std::string_view key) {
    return {.event = event,
            .verb = std::string(verb),
            .actor = "application:" + path.application,
            .key = std::string(key)};
}

CallOrder ticket_order(const SettingsPtr& event, const HeldPath& path, std::string_view verb,
                       std::pair<const char*, std::string_view> argument, std::string_view key) {
    CallOrder order = application_order(event, path, verb, key);
    const Json arguments(json_object());
    json_object_set_new(arguments.get(), "ticket", json_integer(path.ticket));
    if (argument.first != nullptr) {
        json_object_set_new(arguments.get(), argument.first, json_of(argument.second));
    }
    order.arguments = json_text(arguments.get());
    return order;
}

} // namespace mogiri::module
