// Form rules: each fault on its field, and what comes out of a good form.
#include "form.hpp"

#include <gtest/gtest.h>

#include "plain_text.hpp"
#include "sample_event.hpp"

namespace mogiri {
namespace {

const EventSettings event = EventSettings::parse(sample_event);

FormValues good() {
    return {{"last_name", "Yamada"},
            {"email", "taro@Example.jp"},
            {"email_confirm", "taro@Example.jp"},
            {"school_grades", "S2"},
            {"classes", "E"},
            {"student_number", "7"},
            {"ticket_quantity", "2"},
            {"guestName1", "山田 花子"},
            {"guestName2", "　山田 一郎　"}};
}

std::string faults(FormValues values, Confirmations confirmations = Confirmations::required) {
    std::string text;
    const auto result = check_form(*event.form("student"), values, confirmations);
    if (const auto* errors = std::get_if<std::vector<FieldError>>(&result))
        for (const FieldError& error : *errors)
            text += error.field + ":" + std::string(fault_code(error.fault)) + " ";
    return text;
}

std::string faults_with(const std::string& field, const std::string& value) {
    FormValues values = good();
    values[field] = value;
    return faults(values);
}

TEST(Form, makes_an_application) {
    const auto result = check_form(*event.form("student"), good(), Confirmations::required);
    const auto& checked = std::get<CheckedForm>(result);
    EXPECT_EQ(checked.applicant, "S2E07");
    EXPECT_EQ(checked.email, "taro@example.jp");
    EXPECT_EQ(checked.guests, (std::vector<std::string>{"山田 花子", "山田 一郎"}));
    EXPECT_EQ(checked.fields.at("student_number"), "7");
    EXPECT_FALSE(checked.fields.contains("email_confirm"));
}

TEST(Form, names_the_fault_of_each_field) {
    EXPECT_EQ(faults_with("last_name", ""), "last_name:missing ");
    EXPECT_EQ(faults_with("last_name", std::string(51, 'a')), "last_name:too_long ");
    EXPECT_EQ(faults_with("last_name", "山田"), "last_name:invalid_format ");
    EXPECT_EQ(faults_with("last_name", "a\xff"), "last_name:invalid_encoding ");
    EXPECT_EQ(faults_with("guestName1", "a\nb"), "guestName1:control_character ");
    EXPECT_EQ(faults_with("guestName1", "a\xe2\x80\xae"), "guestName1:control_character ");
    EXPECT_EQ(faults_with("school_grades", "S9"), "school_grades:not_in_list ");
    EXPECT_EQ(faults_with("student_number", "51"), "student_number:out_of_range ");
    EXPECT_EQ(faults_with("student_number", "-1"), "student_number:invalid_format ");
    EXPECT_EQ(faults_with("student_number", "99999999999999999999"), "student_number:invalid_format ");
    EXPECT_EQ(faults_with("email_confirm", "other@example.jp"), "email_confirm:mismatch ");
    EXPECT_EQ(faults_with("ticket_quantity", "1"), "guestName2:too_many_guests ");
    EXPECT_EQ(faults_with("guestName3", "x"), "guestName3:too_many_guests ");
    EXPECT_EQ(faults_with("shoe_size", "42"), "shoe_size:unknown_field ");
}

// A form with one field of each kind that the sample's have not.
const EventSettings survey = EventSettings::parse(R"({
  "slug": "survey", "name": {"ja": "調査", "en": "Survey"}, "contact": "c@example.jp",
  "day": [{"number": 1, "date": "2026-06-20", "opens": "09:00", "closes": "16:00", "name": {"ja": "1", "en": "1"}}],
  "kind": [{"id": "guest", "name": {"ja": "客", "en": "Guest"}, "layout": "a"}],
  "gate": [{"number": 1, "id": "main", "name": {"ja": "門", "en": "Gate"}}],
  "form": [{"id": "all", "name": {"ja": "全", "en": "All"}, "kind": "guest", "applicant": "{email}", "field": [
    {"name": "email", "type": "email", "label": {"ja": "a", "en": "a"}},
    {"name": "kana", "type": "kana", "label": {"ja": "a", "en": "a"}, "required": false},
    {"name": "plate", "type": "text", "pattern": "[A-Z]{2}-\\d+", "label": {"ja": "a", "en": "a"}, "required": false},
    {"name": "grade", "type": "choice", "label": {"ja": "a", "en": "a"}, "choices": [
      {"value": "1", "label": {"ja": "a", "en": "a"}}, {"value": "2", "label": {"ja": "a", "en": "a"}}]},
    {"name": "class", "type": "choice", "depends_on": "grade", "label": {"ja": "a", "en": "a"}, "choices": [
      {"value": "A", "label": {"ja": "a", "en": "a"}}, {"value": "F", "label": {"ja": "a", "en": "a"}, "when": ["2"]}]},
    {"name": "wish", "type": "note", "max": 20, "required": false, "label": {"ja": "a", "en": "a"}},
    {"name": "photos", "type": "consent", "label": {"ja": "a", "en": "a"}},
    {"name": "count", "type": "quantity", "max": 2, "label": {"ja": "a", "en": "a"}},
    {"name": "guests", "type": "guests", "label": {"ja": "a", "en": "a"}}]}]
})");

std::string survey_faults(const FormValues& changes) {
    FormValues values{{"email", "a@b.jp"}, {"grade", "1"}, {"class", "A"},
                      {"photos", "yes"},   {"count", "1"}, {"guestName1", "花"}};
    for (const auto& [name, value] : changes)
        values[name] = value;
    std::string text;
    const auto result = check_form(survey.forms.front(), values, Confirmations::required);
    if (const auto* errors = std::get_if<std::vector<FieldError>>(&result))
        for (const FieldError& error : *errors)
            text += error.field + ":" + std::string(fault_code(error.fault)) + " ";
    return text;
}

TEST(Form, kana_is_hiragana_and_full_width_katakana) {
    for (const char* good : {"やまだ　はなこ", "ヤマダ・ハナコ", "ヴィー", ""})
        EXPECT_EQ(survey_faults({{"kana", good}}), "") << good;
    for (const char* bad : {"山田", "ﾔﾏﾀﾞ", "Yamada", "や1"})
        EXPECT_EQ(survey_faults({{"kana", bad}}), "kana:invalid_format ") << bad;
}

TEST(Form, pattern_is_for_the_whole_value) {
    EXPECT_EQ(survey_faults({{"plate", "AB-12"}}), "");
    for (const char* bad : {"AB-", "xAB-12", "AB-12x", "ab-1"})
        EXPECT_EQ(survey_faults({{"plate", bad}}), "plate:invalid_format ") << bad;
}

TEST(Form, an_address_names_one_applicant_in_any_spelling) {
    for (const char* spelling : {"Taro@Example.jp", "taro+fest@example.jp"}) {
        FormValues values{{"email", spelling}, {"grade", "1"}, {"class", "A"},
                          {"photos", "yes"},   {"count", "1"}, {"guestName1", "花"}};
        const auto result = check_form(survey.forms.front(), values, Confirmations::required);
        EXPECT_EQ(std::get<CheckedForm>(result).applicant, "taro@example.jp");
    }
}

TEST(Form, a_choice_goes_with_the_one_it_depends_on) {
    EXPECT_EQ(survey_faults({{"class", "F"}}), "class:not_in_list ");
    EXPECT_EQ(survey_faults({{"grade", "2"}, {"class", "F"}}), "");
    EXPECT_EQ(survey_faults({{"grade", "9"}, {"class", "F"}}), "grade:not_in_list ");
}

TEST(Form, a_note_has_lines) {
    EXPECT_EQ(survey_faults({{"wish", "one\r\ntwo\nthree"}}), "");
    EXPECT_EQ(survey_faults({{"wish", "one\ttwo"}}), "wish:control_character ");
    EXPECT_EQ(survey_faults({{"wish", std::string(21, 'a')}}), "wish:too_long ");
}

TEST(Form, consent_is_given_or_missing) {
    EXPECT_EQ(survey_faults({{"photos", ""}}), "photos:missing ");
    EXPECT_EQ(survey_faults({{"photos", "on"}}), "photos:not_in_list ");
}

TEST(Form, what_cannot_be_seen_is_missing) {
    for (const char* nothing : {" \u3000", "\u200b", "\u2060\ufeff", "\u3164", "\U000e0041"})
        EXPECT_EQ(survey_faults({{"guestName1", nothing}}), "guestName1:missing ") << nothing;
    EXPECT_EQ(survey_faults({{"guestName1", "e\u0301"}}), "");
}

TEST(Pattern, is_refused_when_it_is_none_and_ends_when_it_runs_wild) {
    EXPECT_THROW(TextPattern("(a"), std::invalid_argument);
    EXPECT_FALSE(TextPattern("(a+)+$").matches(std::string(200, 'a') + "b"));
}

TEST(Form, full_width_characters_are_folded_where_they_do_not_fit) {
    FormValues values = good();
    for (const auto& [field, typed] :
         {std::pair("last_name", "Ｙａｍａｄａ　Ｊｒ．"),
          std::pair("email", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ"), std::pair("email_confirm", "taro@example.jp"),
          std::pair("school_grades", "Ｓ２"), std::pair("student_number", "　２３　"),
          std::pair("ticket_quantity", "２"), std::pair("guestName1", "Ｊｏｈｎ　２世")})
        values[field] = typed;
    const auto result = check_form(*event.form("student"), values, Confirmations::required);
    const auto& checked = std::get<CheckedForm>(result);
    EXPECT_EQ(checked.applicant, "S2E23");
    EXPECT_EQ(checked.email, "taro@example.jp");
    EXPECT_EQ(checked.fields.at("last_name"), "Yamada Jr.");
    EXPECT_EQ(checked.fields.at("school_grades"), "S2");
    EXPECT_EQ(checked.guests.front(), "Ｊｏｈｎ　２世");

    EXPECT_EQ(survey_faults({{"plate", "ＡＢ－１２"}}), "");
    EXPECT_EQ(survey_faults({{"plate", "ａｂ－１２"}}), "plate:invalid_format ");
    EXPECT_EQ(survey_faults({{"kana", "ヤマダ　１"}}), "kana:invalid_format ");
    EXPECT_EQ(faults_with("student_number", "５１"), "student_number:out_of_range ");
    EXPECT_EQ(faults_with("student_number", "−１"), "student_number:invalid_format ");
}

TEST(Form, confirmation_is_for_people) {
    FormValues values = good();
    values.erase("email_confirm");
    EXPECT_EQ(faults(values), "email_confirm:missing ");
    EXPECT_EQ(faults(values, Confirmations::optional), "");
}

TEST(Form, lists_at_most_fifty_errors) {
    FormValues values = good();
    for (int i = 1; i <= 10000; ++i)
        values["guestName" + std::to_string(i)] = "x";
    const auto result = check_form(*event.form("student"), values, Confirmations::required);
    EXPECT_EQ(std::get<std::vector<FieldError>>(result).size(), most_field_errors);
}

TEST(Form, roster_knows_who_exists) {
    const Form& form = *event.form("student");
    const auto has = [&](const char* grade, const char* number) {
        return roster_has(form, {{"school_grades", grade}, {"classes", "E"}, {"student_number", number}});
    };
    EXPECT_TRUE(has("S2", "32"));
    EXPECT_FALSE(has("S2", "33"));
    EXPECT_FALSE(has("J1", "1"));
}

TEST(Address, accepts_what_exists_and_refuses_injection) {
    for (const char* good : {"a@example.jp", "a..b.@docomo.ne.jp", ".a@au.com", "o'neil+x@a-b.example.jp"})
        EXPECT_TRUE(address_is_acceptable(good)) << good;
    for (const char* bad : {"", "a", "@b.jp", "a@b", "a@-b.jp", "a b@c.jp", "a@b.jp\r\nRCPT TO:<x@y.jp>",
                            "<a@b.jp>", "a@b..jp", "\"a\"@b.jp", "a@b.jp.", "あ@b.jp"})
        EXPECT_FALSE(address_is_acceptable(bad)) << bad;
    EXPECT_FALSE(address_is_acceptable(std::string(250, 'a') + "@b.jp"));
}

TEST(Address, must_be_of_the_forms_domains) {
    Form form = event.forms.front();
    form.domains = {"school.example.jp"};
    for (const char* good : {"a@school.example.jp", "a@SCHOOL.Example.jp", "a@music.school.example.jp"})
        EXPECT_TRUE(domain_is_allowed(form, good)) << good;
    for (const char* bad : {"a@example.jp", "a@myschool.example.jp", "a@school.example.jp.evil.example"})
        EXPECT_FALSE(domain_is_allowed(form, bad)) << bad;
}

TEST(Address, is_one_applicants_in_any_spelling) {
    for (const char* spelling : {"Taro@Example.JP", "taro+fest@example.jp", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ"})
        EXPECT_EQ(normalized_address(spelling), "taro@example.jp") << spelling;
}

TEST(Utf8, is_strict) {
    for (const char* bad :
         {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe3\x81", "\x80", "\xf8\x88\x80\x80\x80"})
        EXPECT_FALSE(is_valid_utf8(bad));
    EXPECT_TRUE(is_valid_utf8("𠮷野 髙橋 😀"));
}

} // namespace
} // namespace mogiri
