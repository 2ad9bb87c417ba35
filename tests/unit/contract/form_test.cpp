// Form rules: each fault on its field, and what comes out of a good form.
#include "form.hpp"

#include <gtest/gtest.h>

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
