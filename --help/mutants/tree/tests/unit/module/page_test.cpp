// The pages as they are shipped, filled with the sample event: complete, escaped, bound to their errors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "../contract/sample_event.hpp"
#include "module/pages/blank.hpp"
#include "module/pages/fields.hpp"
#include "module/pages/form.hpp"
#include "module/pages/outcome.hpp"

namespace mogiri::module {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string templates = MOGIRI_SOURCE_DIR "/templates";

class Pages : public testing::Test {
  protected:
    PageFrame frame(Language language = Language::en) { return {language, false, &event_, ""}; }
    const Form& student() { return *event_.form("student"); }

    std::string form(const FormValues& values = {}, Language language = Language::en) {
        const auto checked = check_form(student(), values, Confirmations::required);
        const auto* errors = std::get_if<std::vector<FieldError>>(&checked);
        return form_page(book_, frame(language),
                         {student(), "TOKEN", values,
                          errors != nullptr && !values.empty() ? *errors : std::vector<FieldError>{}});
    }

    EventSettings event_ = EventSettings::parse(sample_event);
    PageBook book_ = PageBook::load(templates);
};

TEST_F(Pages, FormHasEveryFieldItsLabelAndTheToken) {
    const std::string page = form();
    for (const auto* name :
         {"last_name", "email", "email_confirm", "school_grades", "classes", "student_number",
          "ticket_quantity", "guestName1", "guestName2", "form", "token", "lang"}) {
        EXPECT_THAT(page, HasSubstr(" name=\"" + std::string(name) + "\""));
    }
    EXPECT_THAT(page, HasSubstr("<label for=\"f-last_name\">Last name</label>"));
    EXPECT_THAT(page, HasSubstr("value=\"TOKEN\""));
    EXPECT_THAT(page, Not(HasSubstr("guestName3")));
    EXPECT_THAT(page, Not(HasSubstr("aria-invalid")));
    EXPECT_THAT(form({}, Language::ja), HasSubstr("<html lang=\"ja\">"));
}

TEST_F(Pages, HaveNoInlineScriptOrStyle) {
    for (const auto& page : {form(), index_page(book_, frame(), 0), error_page(book_, frame(), 404),
                             result_page(book_, frame(), {"ID", std::nullopt, 0})}) {
        EXPECT_THAT(page, Not(HasSubstr("<script>")));
        EXPECT_THAT(page, Not(HasSubstr("<style")));
        EXPECT_THAT(page, Not(HasSubstr("style=\"")));
        EXPECT_THAT(page, Not(HasSubstr("{{")));
    }
}

TEST_F(Pages, ErrorsAreListedLinkedAndTold) {
    const std::string page =
        form({{"last_name", "やまだ"}, {"email", "a@b.jp"}, {"email_confirm", "c@b.jp"}});
    EXPECT_THAT(page, HasSubstr("role=\"alert\""));
    EXPECT_THAT(page, HasSubstr("<a href=\"#f-last_name\">"));
    EXPECT_THAT(page, HasSubstr("id=\"f-last_name-error\""));
    EXPECT_THAT(page, HasSubstr("<a href=\"#f-email_confirm\">"));
    EXPECT_THAT(page, HasSubstr("aria-invalid=\"true\""));
    EXPECT_THAT(page, HasSubstr("<title>Error: "));
    EXPECT_THAT(page, HasSubstr("value=\"やまだ\""));
}

TEST_F(Pages, EscapeWhatWasTyped) {
    const std::string page = form({{"last_name", "\"><script>alert(1)</script>"}});
    EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
    EXPECT_THAT(page, HasSubstr("value=\"&quot;&gt;&lt;script&gt;"));
}

TEST_F(Pages, DoNotRepeatWhatIsNoText) {
    EXPECT_THAT(form({{"last_name", "\xff\xfe"}}), Not(HasSubstr("\xff")));
}

TEST_F(Pages, ConfirmationShowsWhatIsUnderstoodAndCarriesWhatWasTyped) {
    const FormValues values{
        {"last_name", " Yamada "}, {"email", "a@B.jp"},        {"email_confirm", "a@B.jp"},
        {"school_grades", "S2"},   {"classes", "E"},           {"student_number", "07"},
        {"ticket_quantity", "1"},  {"guestName1", "山田 太郎"}};
    const auto checked = check_form(student(), values, Confirmations::required);
    ASSERT_TRUE(std::holds_alternative<CheckedForm>(checked));
    const std::string page =
        confirm_page(book_, frame(), {student(), "TOKEN", values, std::get<CheckedForm>(checked)});
    EXPECT_THAT(page, HasSubstr("action=\"/api/v1/apply\""));
    EXPECT_THAT(page, HasSubstr("<dd>Yamada</dd>"));
    EXPECT_THAT(page, HasSubstr("<dd>7</dd>"));
    EXPECT_THAT(page, HasSubstr("<dd>山田 太郎</dd>"));
    EXPECT_THAT(page, HasSubstr("name=\"student_number\" value=\"07\""));
    EXPECT_THAT(page, HasSubstr("name=\"token\" value=\"TOKEN\""));
    EXPECT_THAT(page, HasSubstr("formaction=\"/apply/student\" name=\"back\""));
}

TEST_F(Pages, ResultAsksAgainUntilThereIsAnAnswer) {
    EXPECT_THAT(result_page(book_, frame(), {"ID", std::nullopt, 0}), HasSubstr("content=\"2; url=?n=1\""));
    EXPECT_THAT(result_page(book_, frame(), {"ID", std::nullopt, 7}), HasSubstr("content=\"13; url=?n=8\""));
    const auto issued = result_page(book_, frame(), {"ID", Answer{"ID", Decision::issued, 2}});
    EXPECT_THAT(issued, Not(HasSubstr("http-equiv")));
    EXPECT_THAT(issued, HasSubstr("(2)"));
}

TEST_F(Pages, EveryRefusalHasItsOwnWordsInBothLanguages) {
    for (const Language language : {Language::ja, Language::en}) {
        std::set<std::string> pages;
        for (const auto decision :
             {Decision::limit_reached, Decision::sold_out, Decision::address_taken, Decision::unknown_student,
              Decision::closed, Decision::not_open_yet, Decision::rejected, Decision::lapsed,
              Decision::cancelled, Decision::failed}) {
            pages.insert(result_page(book_, frame(language), {"ID", Answer{"ID", decision, 0}}));
        }
        EXPECT_EQ(pages.size(), 10U);
    }
}

TEST_F(Pages, WhatIsHeldHasItsOwnWordsAndALinkThatCanBeSentAgain) {
    const NewToken token = [] { return std::string("TOKEN"); };
    for (const Language language : {Language::ja, Language::en}) {
        std::set<std::string> pages;
        for (const auto decision : {Decision::unconfirmed, Decision::awaiting_approval, Decision::waiting}) {
            const std::string page =
                result_page(book_, frame(language), {"ID", Answer{"ID", decision, 1}, 0, "", token});
            EXPECT_EQ(page.find("action=\"/apply/result/ID/resend\"") != page.npos,
                      decision == Decision::unconfirmed);
            EXPECT_THAT(page, Not(HasSubstr("http-equiv")));
            pages.insert(page);
        }
        EXPECT_EQ(pages.size(), 3U);
    }
    EXPECT_THAT(result_page(book_, frame(), {"ID", Answer{"ID", Decision::waiting, 1}, 0, "confirmed"}),
                HasSubstr("role=\"status\""));
}

TEST_F(Pages, TheAddressIsConfirmedByAButton) {
    const std::string page = address_page(book_, frame(), "ID", "/here", "busy");
    EXPECT_THAT(page, HasSubstr("<form method=\"post\" action=\"/here\""));
    EXPECT_THAT(page, HasSubstr("role=\"alert\""));
    EXPECT_THAT(address_page(book_, frame(), "ID", "/here", ""), Not(HasSubstr("notice")));
}

TEST_F(Pages, EveryFaultHasWordsForEveryField) {
    for (int fault = 0; fault <= static_cast<int>(FieldFault::not_a_string); ++fault) {
        for (const auto* name :
             {"last_name", "email", "email_confirm", "classes", "student_number", "guestName2", "?"}) {
            const FieldError error{name, static_cast<FieldFault>(fault)};
            EXPECT_FALSE(fault_in_words(book_.words(Language::ja), Language::ja, student(), error).empty());
            EXPECT_FALSE(fault_in_words(book_.words(Language::en), Language::en, student(), error).empty());
        }
    }
}

TEST_F(Pages, BlankFormsTakeTheTokenAndFollowTheSettings) {
    BlankForms blanks;
    const std::string first = blanks.page(book_, frame(), student(), "ONE");
    EXPECT_THAT(first, HasSubstr("value=\"ONE\""));
    EXPECT_THAT(blanks.page(book_, frame(), student(), "TWO"), HasSubstr("value=\"TWO\""));
    event_.version++;
    event_.forms[0].name.en = "Pupil";
    EXPECT_THAT(blanks.page(book_, frame(), student(), "TWO"), HasSubstr("Pupil"));
}

TEST_F(Pages, LinksCarryBaseAndChosenLanguageOn) {
    PageFrame other = frame();
    other.base = "/e/fest";
    other.chosen = true;
    EXPECT_THAT(index_page(book_, other, 0), HasSubstr("href=\"/e/fest/apply/student?lang=en\""));
    EXPECT_EQ(frame().link("/"), "/");
}

TEST(PageFrameDays, InWords) {
    const auto event = EventSettings::parse(sample_event);
    EXPECT_EQ(days_in_words(event.days, Language::ja), "2026年6月20日（土）、6月21日（日）");
    EXPECT_EQ(days_in_words(event.days, Language::en), "Sat 20 June, Sun 21 June 2026");
    EXPECT_EQ(days_in_words({}, Language::en), "");
}

// A copy of the templates in which one thing is wrong.
std::string broken_copy(const std::string& name, const std::string& file, const std::string& text) {
    const auto copy =
        std::filesystem::temp_directory_path() / ("mogiri-pages-" + name + std::to_string(getpid()));
    std::filesystem::copy(templates, copy,
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    std::ofstream(copy / file) << text;
    return copy;
}

TEST(PageBookLoad, NamesTheFileAndTheFault) {
    const auto complaint = [](const std::string& directory) -> std::string {
        try {
            PageBook::load(directory);
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return "";
    };
    EXPECT_THAT(complaint("/nowhere"), HasSubstr("/nowhere/pages/mogiri.css"));
    const std::string unknown = broken_copy("word", "pages/error.mustache", "{{t.nothing}}");
    EXPECT_THAT(complaint(unknown), HasSubstr("error.mustache: no words for {{t.nothing}}"));
    const std::string open = broken_copy("open", "pages/error.mustache", "{{#a}}");
    EXPECT_THAT(complaint(open), HasSubstr("error.mustache"));
    const std::string locale = broken_copy("locale", "locales/en.json", "{\"a\": 1}");
    EXPECT_THAT(complaint(locale), HasSubstr("en.json: \"a\" must be a text"));
    for (const auto& copy : {unknown, open, locale}) {
        std::filesystem::remove_all(copy);
    }
}

} // namespace
} // namespace mogiri::module
