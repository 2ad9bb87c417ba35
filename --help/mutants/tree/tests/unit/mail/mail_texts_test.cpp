// The shipped mail templates, filled in.
#include <mail/mail_texts.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../render/scratch.hpp"

namespace mogiri::daemon {
namespace {

using testing::HasSubstr;
using testing::Not;

MailFacts facts() {
    return {
        "<祭> & Co",
        "c@example.jp",
        "S2E12",
        "https://t.example.jp/apply/result/A",
        {{"1日目", "2027年6月12日(土)", "09:00", "16:30"}},
        {{"O'Brien <b>", "7K2MQ9TX", "招待券", "O'Brien.png"}, {"山田", "8K2MQ9TX", "招待券", "山田.png"}}};
}

TEST(MailTexts, TheShippedOnesSayWhatTheApplicantNeeds) {
    const MailTexts texts(MOGIRI_SOURCE_DIR "/templates/mail");
    for (const char* language : {"ja", "en"}) {
        const WrittenMail mail = texts.write("tickets", language, facts());
        EXPECT_THAT(mail.subject, HasSubstr("<祭> & Co"));
        EXPECT_THAT(mail.subject, HasSubstr("2"));
        for (const char* needed : {"O'Brien <b>", "7K2MQ9TX", "8K2MQ9TX", "09:00", "S2E12", "c@example.jp",
                                   "https://t.example.jp/apply/result/A"})
            EXPECT_THAT(mail.text, HasSubstr(needed));
        EXPECT_THAT(mail.text, Not(HasSubstr("{{")));
        EXPECT_THAT(mail.html, HasSubstr("&lt;b&gt;"));
        EXPECT_THAT(mail.html, Not(HasSubstr("<b>")));
        EXPECT_THAT(mail.html, Not(HasSubstr("{{")));
        const WrittenMail failed = texts.write("failed", language, facts());
        EXPECT_THAT(failed.text, HasSubstr("c@example.jp"));
        EXPECT_THAT(failed.text, Not(HasSubstr("{{")));
        MailFacts lost = facts();
        lost.applications = {{"2027-05-01 09:30", "2", "https://t.example.jp/apply/result/B"}};
        const WrittenMail links = texts.write("links", language, lost);
        for (const std::string& text : {links.text, links.html}) {
            EXPECT_THAT(text, HasSubstr("https://t.example.jp/apply/result/B"));
            EXPECT_THAT(text, HasSubstr("2027-05-01 09:30"));
            EXPECT_THAT(text, Not(HasSubstr("{{")));
        }
        MailFacts held = facts();
        held.confirm_url = "https://t.example.jp/apply/result/A/confirm/B";
        held.hours = 7;
        for (const auto* kind : {"unconfirmed", "awaiting_approval", "waiting", "rejected"}) {
            const WrittenMail mail = texts.write(kind, language, held);
            const bool confirms = kind == std::string("unconfirmed");
            for (const std::string& text : {mail.text, mail.html}) {
                EXPECT_THAT(text, HasSubstr(confirms ? held.confirm_url : held.status_url));
                EXPECT_THAT(text, Not(HasSubstr("{{")));
                EXPECT_THAT(text, Not(HasSubstr("Brien"))); // nothing that anybody may have typed
            }
            EXPECT_EQ(mail.text.find("7") != mail.text.npos, confirms) << kind;
        }
    }
}

TEST(MailTexts, SayWhichTemplateIsBroken) {
    const Scratch scratch;
    EXPECT_THROW(MailTexts(scratch.path()), TemplateError);
    std::filesystem::copy(MOGIRI_SOURCE_DIR "/templates/mail", scratch.path() / "mail");
    std::filesystem::permissions(scratch.path() / "mail", std::filesystem::perms::owner_all);
    const auto refusal = [&](const char* file, const std::string& content) -> std::string {
        scratch.write(std::string("mail/") + file, content);
        try {
            MailTexts(scratch.path() / "mail");
        } catch (const TemplateError& error) {
            return error.what();
        }
        return "taken";
    };
    EXPECT_THAT(refusal("failed.en.html.mustache", "{{#open}}"), HasSubstr("failed.en.html.mustache"));
    EXPECT_THAT(refusal("failed.en.html.mustache", "good"), "taken");
    EXPECT_THAT(refusal("tickets.ja.txt.mustache", "no subject\n\ntext"),
                HasSubstr("tickets.ja.txt.mustache:1"));
}

} // namespace
} // namespace mogiri::daemon
