#include "settings.hpp"

namespace mogiri::ses {

namespace {

using plugins::refuse;

bool is_word(std::string_view text, std::string_view more) {
    for (const char c : text)
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              more.find(c) != more.npos))
            return false;
    return !text.empty();
}

} // namespace

Settings read_settings(const mogiri_option* options, std::size_t count) {
    plugins::Options given("mail.ses", options, count);
    Settings settings;
    settings.region = given.take("region", "AWS_DEFAULT_REGION");
    settings.endpoint = plugins::take_endpoint(given, "https://email." + settings.region + ".amazonaws.com");
    settings.credentials.user = given.take("access_key_id", "AWS_ACCESS_KEY_ID");
    settings.credentials.password = given.take_secret("secret_access_key_file", "AWS_SECRET_ACCESS_KEY");
    settings.session_token = given.take_secret("session_token_file", "AWS_SESSION_TOKEN");
    settings.configuration_set = given.take("configuration_set");
    settings.rate = given.take_number("rate", 0, 1, 100000);
    given.refuse_rest();

    if (!is_word(settings.region, "-"))
        refuse("region", settings.region, "must be the region of your SES account, like ap-northeast-1");
    if (!is_word(settings.credentials.user, ""))
        refuse("access_key_id", settings.credentials.user,
               "must be the id of an access key that may send by SES, like AKIA…");
    if (settings.credentials.password.empty())
        refuse("secret_access_key_file", "", "must name a file with the secret access key in its first line");
    if (!settings.configuration_set.empty() && !is_word(settings.configuration_set, "-_"))
        refuse("configuration_set", settings.configuration_set,
               "must be the name of a configuration set: letters, digits, - and _");
    for (const char c : settings.session_token)
        if (c <= ' ' || c > '~')
            refuse("session_token_file", "", "its first line must be the token and nothing else");
    settings.credentials.aws_scope = settings.region + ":ses";
    return settings;
}

} // namespace mogiri::ses
