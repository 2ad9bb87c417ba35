// Plugins are loaded and refused by name; the spool places each mail once, whole.
#include <mail/transport.hpp>

#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../render/scratch.hpp"

namespace mogiri::daemon {
namespace {

using testing::HasSubstr;

Transport spool(const std::filesystem::path& directory) {
    return {MOGIRI_PLUGINS, "spool", {{"directory", directory.string()}}};
}

std::vector<std::string> files(const std::filesystem::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        names.push_back(entry.path().filename().string());
    return names;
}

std::string content(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::string refusal(const std::filesystem::path& plugins, const std::string& name,
                    const std::map<std::string, std::string>& options) {
    try {
        const Transport transport(plugins, name, options);
    } catch (const TransportError& error) {
        return error.what();
    }
    return "taken";
}

TEST(Transport, IsRefusedByNameWhenItsAbiIsAnother) {
    EXPECT_THAT(refusal(MOGIRI_STRANGE_PLUGINS, "strange", {}),
                testing::AllOf(HasSubstr("\"strange\" is made for ABI 3"), HasSubstr("for ABI 2")));
}

TEST(Transport, SaysWhatIsMissing) {
    EXPECT_THAT(refusal("/nowhere", "pigeon", {}), HasSubstr("mail.transport = \"pigeon\""));
    EXPECT_THAT(refusal(MOGIRI_PLUGINS, "spool", {}), HasSubstr("[mail.spool]: directory"));
    EXPECT_THAT(refusal(MOGIRI_PLUGINS, "spool", {{"directory", "/nowhere/spool"}}),
                HasSubstr("/nowhere/spool"));
    EXPECT_THAT(refusal(MOGIRI_PLUGINS, "spool", {{"folder", "/tmp"}}), HasSubstr("folder is not a key"));
}

TEST(Spool, PlacesAMailOnceByItsMessageId) {
    const Scratch scratch;
    Transport transport = spool(scratch.path() / "spool");
    const Envelope envelope{"from@example.jp", "to@example.jp", "<mogiri.1@example.jp>"};
    EXPECT_EQ(transport.deliver(envelope, "first\r\n").outcome, Outcome::accepted);
    EXPECT_EQ(transport.deliver(envelope, "second\r\n").outcome, Outcome::accepted);
    EXPECT_THAT(files(scratch.path() / "spool"), testing::ElementsAre("mogiri.1@example.jp.eml"));
    EXPECT_EQ(content(scratch.path() / "spool/mogiri.1@example.jp.eml"), "first\r\n");
}

TEST(Spool, ManyWorkersPlaceTheSameMailOnce) {
    const Scratch scratch;
    std::vector<std::jthread> workers;
    for (int worker = 0; worker < 8; ++worker)
        workers.emplace_back([&] {
            Transport transport = spool(scratch.path());
            for (int mail = 0; mail < 20; ++mail)
                EXPECT_EQ(transport.deliver({"a@b.jp", "c@d.jp", "<" + std::to_string(mail) + "@x>"}, "text")
                              .outcome,
                          Outcome::accepted);
        });
    workers.clear();
    EXPECT_EQ(files(scratch.path()).size(), 20u);
}

TEST(Spool, MessageIdsLeaveTheFolderNowhere) {
    const Scratch scratch;
    Transport transport = spool(scratch.path());
    transport.deliver({"a@b.jp", "c@d.jp", "<../../etc/x@y>"}, "text");
    transport.deliver({"a@b.jp", "c@d.jp", "<%2E./../etc/x@y>"}, "text");
    EXPECT_EQ(files(scratch.path()).size(), 2u);
    EXPECT_EQ(transport.deliver({"a@b.jp", "c@d.jp", "<" + std::string(300, 'x') + ">"}, "text").outcome,
              Outcome::permanent);
}

TEST(Spool, ForgetsWhatItKeepsOfAMail) {
    const Scratch scratch;
    Transport transport = spool(scratch.path());
    transport.deliver({"a@b.jp", "c@d.jp", "<1@x>"}, "text");
    transport.deliver({"a@b.jp", "e@f.jp", "<2@x>"}, "text");
    transport.forget("<1@x>");
    transport.forget("<1@x>"); // it is gone already
    EXPECT_EQ(files(scratch.path()).size(), 1u);
    std::filesystem::remove_all(scratch.path());
    EXPECT_THROW(transport.forget("<2@x>"), TransportError);
}

TEST(Spool, AFolderThatIsGoneStopsTheTransportNotTheMail) {
    const Scratch scratch;
    Transport transport = spool(scratch.path() / "spool");
    EXPECT_TRUE(transport.probe().good);
    EXPECT_TRUE(files(scratch.path() / "spool").empty());
    std::filesystem::remove_all(scratch.path() / "spool");
    const Delivery delivery = transport.deliver({"a@b.jp", "c@d.jp", "<1@x>"}, "text");
    EXPECT_EQ(delivery.outcome, Outcome::stopped);
    EXPECT_FALSE(transport.probe().good);
    std::filesystem::create_directory(scratch.path() / "spool");
    EXPECT_EQ(transport.deliver({"a@b.jp", "c@d.jp", "<1@x>"}, "text").outcome, Outcome::accepted);
}

} // namespace
} // namespace mogiri::daemon
