// The configuration file, what overrides it, and what its errors say.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "configuration.hpp"

namespace mogiri::daemon {

namespace {

class ConfigurationFile : public ::testing::Test {
  protected:
    ConfigurationFile() : file_(std::filesystem::path(::testing::TempDir()) / "mogirid.toml") {}

    Configuration load(const std::string& text) {
        std::ofstream(file_) << text;
        return load_configuration(file_, [this](const char* name) -> std::optional<std::string> {
            const auto found = environment_.find(name);
            if (found == environment_.end())
                return std::nullopt;
            return found->second;
        });
    }

    std::string refusal(const std::string& text) {
        try {
            load(text);
        } catch (const ConfigurationError& error) {
            return error.what();
        }
        return "";
    }

    static std::string complete(const std::string& more) {
        return "[server]\nurl = \"https://tickets.example.jp/\"\n[redis]\nsocket = \"/run/r.sock\"\n"
               "[database]\nurl = \"postgresql:///mogiri\"\n[keys]\nfile = \"/k\"\n[mail]\nfrom = "
               "\"t@example.jp\"\n" +
               more;
    }

    std::filesystem::path file_;
    std::map<std::string, std::string> environment_;
};

TEST_F(ConfigurationFile, DefaultsStand) {
    const Configuration configuration = load(complete(""));
    EXPECT_EQ(configuration.server_url, "https://tickets.example.jp");
    EXPECT_EQ(configuration.road.batch, 128);
    EXPECT_EQ(configuration.mail.transport, "spool");
    EXPECT_EQ(configuration.mail.workers, 4);
    EXPECT_EQ(configuration.mail.first_retry, 30);
    EXPECT_TRUE(configuration.road.consumer.ends_with("-mogirid"));
}

TEST_F(ConfigurationFile, NamesOfTheOldSystemWin) {
    environment_ = {{"SERVER_URL", "http://a"}, {"FROM_EMAIL", "f@b"},
                    {"CONTACT_EMAIL", "c@b"},   {"DB_HOST", "db"},
                    {"DB_PORT", "5433"},        {"DB_NAME", "n"},
                    {"DB_USER", "u"},           {"DB_USER_PASSWORD", "it's \\"}};
    Configuration configuration = load(complete(""));
    EXPECT_EQ(configuration.server_url, "http://a");
    EXPECT_EQ(configuration.mail.from, "f@b");
    EXPECT_EQ(configuration.mail.contact, "c@b");
    EXPECT_EQ(configuration.database, "host='db' port='5433' dbname='n' user='u' password='it\\'s \\\\' ");
    environment_["DATABASE_URL"] = "postgresql+psycopg2://u:p@h/n";
    EXPECT_EQ(load(complete("")).database, "postgresql://u:p@h/n");
}

TEST_F(ConfigurationFile, TransportGetsItsTable) {
    const Configuration configuration =
        load(complete("transport = \"smtp\"\n[mail.smtp]\nhost = \"h\"\nport = 587\ntls = "
                      "true\n[mail.spool]\ndirectory = \"/s\"\n"));
    EXPECT_EQ(configuration.mail.options,
              (std::map<std::string, std::string>{{"host", "h"}, {"port", "587"}, {"tls", "true"}}));
}

TEST_F(ConfigurationFile, ErrorsNameFileLineKeyValueAndRemedy) {
    EXPECT_EQ(refusal(complete("[road]\nbatch = 0\n")),
              file_.string() + ":12: road.batch = 0: must be a whole number from 1 to 1024");
    const std::string unknown = refusal(complete("[road]\nbatches = 5\n"));
    EXPECT_NE(unknown.find(":12: road.batches = 5: unknown key"), std::string::npos) << unknown;
    EXPECT_NE(unknown.find("batch consumer"), std::string::npos) << unknown;
    EXPECT_NE(refusal(complete("[sessions]\nidel = 5\n")).find("sessions.idel = 5: unknown key"), std::string::npos);
    EXPECT_NE(refusal(complete("[roads]\n")).find(": roads = {…}: unknown key"), std::string::npos);
    EXPECT_NE(refusal("[server\n").find(file_.string() + ":1: "), std::string::npos);
    EXPECT_NE(refusal("").find("server.url is empty"), std::string::npos);
    EXPECT_EQ(refusal(complete("[log]\nlevel = \"loud\"\n")),
              file_.string() + ":12: log.level = \"loud\": must be debug, info, warn or error");
}

TEST_F(ConfigurationFile, KnowsWhereEachKeyStands) {
    environment_ = {{"CONTACT_EMAIL", "c@b"}};
    const Configuration configuration = load(complete("[mail.spool]\ndirectory = \"/s\"\n"));
    EXPECT_EQ(configuration.place("mail.from"), file_.string() + ":10: ");
    EXPECT_EQ(configuration.place("mail.spool.directory"), file_.string() + ":12: ");
    EXPECT_EQ(configuration.place("mail.contact"), "CONTACT_EMAIL in the environment: ");
    EXPECT_EQ(configuration.place("log.level"), file_.string() + ": ");
}

TEST_F(ConfigurationFile, SecretsAreNotShown) {
    const std::string said = refusal("[database]\nurl = 5432\n");
    EXPECT_NE(said.find("database.url = (not shown)"), std::string::npos) << said;
}

} // namespace

} // namespace mogiri::daemon
