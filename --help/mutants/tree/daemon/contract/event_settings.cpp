// What can be asked of an event's settings.
#include "event_settings.hpp"

#include <algorithm>
#include <charconv>

#include "digest.hpp"

namespace mogiri {

namespace {

template <typename Items, typename Matches> auto* first(const Items& items, Matches matches) {
    const auto found = std::find_if(items.begin(), items.end(), matches);
    return found == items.end() ? nullptr : &*found;
}

// "0", "0.7", "1" of a quality value (RFC 9110, 12.4.2) in thousandths; 1000 where none is given.
int quality_of(std::string_view parameters) {
    const auto place = parameters.find("q=");
    if (place == std::string_view::npos)
        return 1000;
    double quality = 0;
    const std::string_view digits = parameters.substr(place + 2);
    std::from_chars(digits.data(), digits.data() + digits.size(), quality);
    return static_cast<int>(quality * 1000);
}

} // namespace

std::string_view language_tag(Language language) {
    return language == Language::ja ? "ja" : "en";
}

std::optional<Language> language_of(std::string_view tag) {
    if (tag == "ja")
        return Language::ja;
    if (tag == "en")
        return Language::en;
    return std::nullopt;
}

Language preferred_language(std::string_view header) {
    int best[2] = {0, 0};
    while (!header.empty()) {
        const auto comma = std::min(header.find(','), header.size());
        std::string_view range = header.substr(0, comma);
        header.remove_prefix(std::min(comma + 1, header.size()));
        range.remove_prefix(std::min(range.find_first_not_of(' '), range.size()));
        if (const auto language = language_of(range.substr(0, 2)))
            if (range.size() == 2 || range[2] == '-' || range[2] == ';' || range[2] == ' ') {
                int& weight = best[*language == Language::en];
                weight = std::max(weight, quality_of(range));
            }
    }
    return best[1] > best[0] ? Language::en : Language::ja;
}

SettingsError::SettingsError(std::string path, const std::string& value, const std::string& remedy)
    : std::runtime_error(path + (value.empty() ? "" : " = " + value) + ": " + remedy),
      path_(std::move(path)) {}

bool TicketKind::valid_on(std::uint8_t day) const {
    return days.empty() || std::find(days.begin(), days.end(), day) != days.end();
}

const FormField* Form::field(std::string_view name) const {
    return first(fields, [&](const FormField& field) { return field.name == name; });
}

const FormField* Form::field_of(FieldType type) const {
    return first(fields, [&](const FormField& field) { return field.type == type; });
}

const Form* EventSettings::form(std::string_view id) const {
    return first(forms, [&](const Form& form) { return form.id == id; });
}

Taking EventSettings::taking(const Form& form, std::int64_t now_ms) const {
    if (state != EventState::open || now_ms >= form.closes_ms)
        return Taking::closed;
    return now_ms < form.opens_ms ? Taking::not_yet : Taking::open;
}

const Gate* EventSettings::gate(std::string_view id) const {
    return first(gates, [&](const Gate& gate) { return gate.id == id; });
}

const Gate* EventSettings::gate_numbered(std::uint16_t number) const {
    return first(gates, [&](const Gate& gate) { return gate.number == number; });
}

const Device* EventSettings::device_numbered(std::uint32_t number) const {
    return first(devices, [&](const Device& device) { return device.number == number; });
}

const Device* EventSettings::device_with_key(std::string_view key_hash) const {
    return first(devices,
                 [&](const Device& device) { return equal_in_constant_time(device.key_hash, key_hash); });
}

CurrentDay EventSettings::day_at(std::int64_t now_ms) const {
    if (state == EventState::archived)
        return {forced_day != 0 || days.empty() ? forced_day : days.back().number, Window::over};
    if (forced_day != 0 || days.empty())
        return {forced_day, Window::open};
    CurrentDay current{days.front().number, Window::not_yet};
    for (const EventDay& day : days)
        if (day.opens_ms <= now_ms)
            current = {day.number, now_ms < day.closes_ms ? Window::open : Window::over};
    return current;
}

bool EventSettings::has_ended(std::int64_t now_ms) const {
    return state == EventState::archived || (!days.empty() && days.back().closes_ms <= now_ms);
}

KindsOfDay EventSettings::kinds_of(std::uint8_t day) const {
    KindsOfDay of_day;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        bool has_begun = false, comes = false;
        for (const EventDay& one : days) {
            comes = comes || (has_begun && kinds[i].valid_on(one.number));
            has_begun = has_begun || one.number == day;
        }
        if (kinds[i].valid_on(day))
            of_day.valid |= 1U << i;
        else if (comes)
            of_day.to_come |= 1U << i;
    }
    return of_day;
}

} // namespace mogiri
