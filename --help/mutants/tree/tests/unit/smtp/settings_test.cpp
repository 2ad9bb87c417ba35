// The table [mail.smtp]: what it may say, and what is said of mistakes in it.
#include <settings.hpp>

#include <fstream>
#include <map>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../render/scratch.hpp"

namespace mogiri::smtp {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Table = std::map<std::string, std::string>;

Settings read(const Table& table) {
    std::vector<mogiri_option> options;
    for (const auto& [key, value] : table)
        options.push_back({key.c_str(), value.c_str()});
    return read_settings(options.data(), options.size());
}

std::string refusal(const Table& table) {
    try {
        read(table);
    } catch (const SettingsError& error) {
        return error.what();
    }
    return "taken";
}

TEST(SmtpSettings, AHostIsEnough) {
    const Settings settings = read({{"host", "mail.example.jp"}});
    EXPECT_EQ(settings.url(), "smtp://mail.example.jp:587/");
    EXPECT_EQ(settings.security, Security::starttls);
    EXPECT_EQ(settings.final_timeout, std::chrono::minutes(10));
}

TEST(SmtpSettings, PortsGoWithTheSecurity) {
    EXPECT_EQ(read({{"host", "a.jp"}, {"security", "tls"}}).url(), "smtps://a.jp:465/");
    EXPECT_EQ(read({{"host", "localhost"}, {"security", "none"}}).url(), "smtp://localhost:25/");
    EXPECT_EQ(read({{"host", "::1"}, {"port", "2525"}, {"hello", "tickets.a.jp"}}).url(),
              "smtp://[::1]:2525/tickets.a.jp");
}

TEST(SmtpSettings, WithoutTlsOnlyOnLoopbackOrOnDemand) {
    for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"})
        EXPECT_EQ(refusal({{"host", host}, {"security", "none"}}), "taken") << host;
    for (const char* host : {"mail.example.jp", "127.0.0.1.example.jp", "10.0.0.1", "::2"})
        EXPECT_THAT(refusal({{"host", host}, {"security", "none"}}), HasSubstr("allow_plain = true")) << host;
    EXPECT_EQ(refusal({{"host", "10.0.0.1"}, {"security", "none"}, {"allow_plain", "true"}}), "taken");
}

TEST(SmtpSettings, MistakesAreNamedWithTheirRemedy) {
    EXPECT_THAT(refusal({}), HasSubstr("host = \"\": must be the mail server's name"));
    EXPECT_THAT(refusal({{"host", "a.jp/x"}}), HasSubstr("host = \"a.jp/x\""));
    EXPECT_THAT(refusal({{"host", "a.jp\r\nQUIT"}}), HasSubstr("host = "));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"hello", "x y"}}), HasSubstr("hello = \"x y\""));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"port", "0"}}), HasSubstr("from 1 to 65535"));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"port", "25x"}}), HasSubstr("port = \"25x\""));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"security", "ssl"}}), HasSubstr("starttls, tls or none"));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"allow_plain", "yes"}}), HasSubstr("true or false"));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"final_timeout", "0"}}), HasSubstr("from 1 to 3600"));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"ca_file", "/nowhere"}}), HasSubstr("ca_file = \"/nowhere\""));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"folder", "/tmp"}}),
                AllOf(HasSubstr("folder is not a key"), HasSubstr("host, port, security")));
}

TEST(SmtpSettings, ThePasswordIsTheFirstLineOfItsFile) {
    const Scratch scratch;
    const std::string file = scratch.path() / "password";
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"user", "u"}}), HasSubstr("belong together"));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"password_file", file}}), HasSubstr("belong together"));
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"user", "u"}, {"password_file", file}}),
                HasSubstr("cannot be read or is empty"));
    std::ofstream(file) << "open sesame\nsecond line\n";
    EXPECT_EQ(read({{"host", "a.jp"}, {"user", "u"}, {"password_file", file}}).password, "open sesame");
    EXPECT_THAT(refusal({{"host", "a.jp"}, {"user", "u"}, {"password_file", file}, {"port", "x"}}),
                Not(HasSubstr("sesame")));
}

} // namespace
} // namespace mogiri::smtp
