#include "settings.hpp"

namespace mogiri::waypoint {

Settings read_settings(const mogiri_option* options, std::size_t count) {
    plugins::Options given("mail.waypoint", options, count);
    Settings settings;
    settings.endpoint = plugins::take_endpoint(given, "https://live.waypointapi.com");
    settings.credentials.user = given.take("user", "WAYPOINT_API_UNAME");
    settings.credentials.password = given.take_secret("password_file", "WAYPOINT_API_PASS");
    settings.template_id = given.take("template");
    settings.rate = given.take_number("rate", 0, 1, 100000);
    given.refuse_rest();

    if (settings.credentials.user.empty() || settings.credentials.user.find(':') != std::string::npos)
        plugins::refuse("user", settings.credentials.user, "must be the user name of an API key of Waypoint");
    if (settings.credentials.password.empty())
        plugins::refuse("password_file", "",
                        "must name a file with the API key's password in its first line");
    for (const char c : settings.template_id)
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
              c == '-'))
            plugins::refuse("template", settings.template_id, "must be a template's id, like wptemplate_…");
    return settings;
}

} // namespace mogiri::waypoint
