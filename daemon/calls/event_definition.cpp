// An event's definition in the body of a call: read and checked.
#include "event_definition.hpp"

#include <filesystem>
#include <optional>
#include <set>

#include <ticket_code.hpp>

#include "../event_file.hpp"
#include "../render/layout_check.hpp"

namespace mogiri::daemon {

namespace {

CallResult wrong_key(const std::string& key, const std::string& message) {
    return {422,
            json_text(Json(json_pack("{s:s, s:[{s:o, s:s, s:o}]}", "code", "invalid", "errors", "field",
                                     json_of(key), "code", "invalid_format", "message", json_of(message)))
                          .get())};
}

// Found here rather than when the first ticket is drawn.
std::optional<CallResult> useless_layout(CallTools& tools, const EventSettings& settings) {
    const std::filesystem::path layouts = tools.office.configuration().templates / "tickets";
    std::set<std::string> good;
    for (std::size_t i = 0; i < settings.kinds.size(); ++i) {
        const std::string& layout = settings.kinds[i].layout;
        const std::string key = "kind[" + std::to_string(i) + "].layout";
        if (std::error_code error; !std::filesystem::is_directory(layouts / layout, error))
            return wrong_key(key, "there is no layout \"" + layout + "\"");
        try {
            if (good.insert(layout).second)
                require_printable(layouts / layout / "layout.toml", std::string(ticket_code_length, 'A'));
        } catch (const LayoutError& error) {
            return wrong_key(key, error.what());
        }
    }
    return std::nullopt;
}

} // namespace

std::variant<Json, CallResult> definition_in(CallTools& tools, const json_t* arguments) {
    const json_t* toml = json_object_get(arguments, "toml");
    const json_t* body = json_object_get(arguments, "body");
    try {
        Json definition(
            toml   ? json_deep_copy(EventFile::parse(std::string(text_of(toml)), "line").definition())
            : body ? json_deep_copy(body)
                   : json_object());
        if (!is_slug(text_of(json_object_get(definition.get(), "slug"))) &&
            json_is_string(json_object_get(definition.get(), "slug")))
            return wrong_key("slug", "must be 1 to 63 small letters, digits or '-'");
        if (auto useless = useless_layout(tools, EventSettings::from_json(definition.get())))
            return *std::move(useless);
        return definition;
    } catch (const EventFileError& error) {
        return wrong_key(error.key(), error.what());
    } catch (const SettingsError& error) {
        return wrong_key(error.path(), error.what());
    }
}

bool is_slug(std::string_view slug) {
    return !slug.empty() && slug.size() <= 63 && slug.front() != '-' &&
           slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == slug.npos;
}

CallResult not_possible(const LedgerRefusal& why) {
    return {409,
            json_text(
                Json(json_pack("{s:s, s:o}", "code", "not_possible", "detail", json_of(why.what()))).get())};
}

} // namespace mogiri::daemon
