// Submissions by program and by browser: what is taken, and how each fault is named.
#include "module/apply/submission.hpp"

#include <gtest/gtest.h>

#include "../contract/sample_event.hpp"

namespace mogiri::module {
namespace {

constexpr std::string_view good = R"({"form":"student","last_name":"Yamada","email":"hanako@example.jp",
    "school_grades":"S2","classes":"E","student_number":"12","ticket_quantity":"1","guestName1":"山田 太郎"})";

class ProgramSubmission : public testing::Test {
  protected:
    std::variant<Submission, Problem> read(std::string_view body, std::optional<std::string_view> key = "k") {
        return read_program_submission(event_, body, key, Language::en);
    }

    Problem problem(std::string_view body, std::optional<std::string_view> key = "k") {
        const auto result = read(body, key);
        EXPECT_TRUE(std::holds_alternative<Problem>(result)) << body;
        return std::holds_alternative<Problem>(result) ? std::get<Problem>(result) : Problem{};
    }

    std::string codes(std::string_view body) {
        std::string text;
        for (const auto& error : problem(body).errors) {
            text += error.field + ":" + error.code + " ";
        }
        return text;
    }

    EventSettings event_ = EventSettings::parse(sample_event);
};

TEST_F(ProgramSubmission, IsUnderstood) {
    const auto result = read(good, "my key");
    ASSERT_TRUE(std::holds_alternative<Submission>(result));
    const auto& submission = std::get<Submission>(result);
    EXPECT_EQ(submission.form->id, "student");
    EXPECT_EQ(submission.key, "my key");
    EXPECT_EQ(submission.language, Language::en);
    EXPECT_EQ(submission.checked.applicant, "S2E12");

    const ApplyJob job = apply_job(submission, event_, "ID", "answers:w", 42);
    EXPECT_EQ(job.guests, std::vector<std::string>{"山田 太郎"});
    EXPECT_EQ(job.email, "hanako@example.jp");
    EXPECT_EQ(job.reply, "answers:w");
    EXPECT_EQ(job.submitted_ms, 42);
    EXPECT_EQ(job.body_hash.size(), 32U);
}

TEST_F(ProgramSubmission, NeedsAKeyOfPrintableAscii) {
    for (const std::optional<std::string_view> key :
         {std::optional<std::string_view>(), std::optional<std::string_view>(""),
          std::optional<std::string_view>("あ"), std::optional<std::string_view>("a\tb")}) {
        EXPECT_EQ(problem(good, key).code, "missing_key");
    }
    const std::string longest(200, 'k');
    EXPECT_TRUE(std::holds_alternative<Submission>(read(good, longest)));
    EXPECT_EQ(problem(good, longest + "k").status, 400);
}

TEST_F(ProgramSubmission, NamesTheFormAsAField) {
    EXPECT_EQ(codes("{}"), "form:missing ");
    EXPECT_EQ(codes(R"({"form":"nobody"})"), "form:not_in_list ");
    EXPECT_EQ(codes(R"({"form":1})"), "form:not_a_string ");
}

TEST_F(ProgramSubmission, NamesEachFieldOnce) {
    std::string body(good);
    body.replace(body.find("\"12\""), 4, "12");
    EXPECT_EQ(codes(body), "student_number:not_a_string ");
    EXPECT_EQ(problem(body).status, 422);
    EXPECT_EQ(problem(body).code, "invalid");
    body = good;
    body.replace(body.find("\"12\""), 4, R"("12","lang":"fr","surplus":"1")");
    EXPECT_EQ(codes(body), "lang:not_in_list surplus:unknown_field ");
}

TEST_F(ProgramSubmission, ListsAtMostFiftyErrors) {
    std::string body(good);
    for (int i = 2; i < 500; ++i) {
        body.insert(body.size() - 1, ",\"guestName" + std::to_string(i) + "\":\"x\"");
    }
    EXPECT_EQ(problem(body).errors.size(), most_field_errors);
}

TEST_F(ProgramSubmission, TellsNotationFromContent) {
    EXPECT_EQ(problem("{").code, "broken_json");
    EXPECT_EQ(problem("{").status, 400);
}

TEST(TypedForm, SeparatesOurFieldsFromTheForms) {
    const auto read = read_typed_form(
        "form=student&token=T&lang=en&switch=ja&step=confirm&back=1&last_name=Yamada&first_name=",
        "application/x-www-form-urlencoded; charset=utf-8");
    ASSERT_TRUE(std::holds_alternative<TypedForm>(read));
    const auto& typed = std::get<TypedForm>(read);
    EXPECT_EQ(typed.form, "student");
    EXPECT_EQ(typed.token, "T");
    EXPECT_EQ(typed.language, Language::en);
    EXPECT_EQ(typed.switch_to, Language::ja);
    EXPECT_TRUE(typed.confirming);
    EXPECT_TRUE(typed.back);
    EXPECT_EQ(typed.values, (FormValues{{"last_name", "Yamada"}}));
}

TEST(TypedForm, MayComeAsMultipartWithoutFiles) {
    const auto part = [](const std::string& disposition, const std::string& value) {
        return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n";
    };
    const std::string type = "multipart/form-data; boundary=b";
    const auto good =
        read_typed_form(part("name=\"form\"", "student") + part("name=\"a\"", "1") + "--b--", type);
    ASSERT_TRUE(std::holds_alternative<TypedForm>(good));
    EXPECT_EQ(std::get<TypedForm>(good).form, "student");
    EXPECT_EQ(std::get<TypedForm>(good).values, (FormValues{{"a", "1"}}));
    const auto file = read_typed_form(part("name=\"a\"; filename=\"x\"", "1") + "--b--", type);
    ASSERT_TRUE(std::holds_alternative<Problem>(file));
    EXPECT_EQ(std::get<Problem>(file).status, 422);
    EXPECT_TRUE(std::holds_alternative<Problem>(read_typed_form("a=1", "multipart/form-data")));
}

TEST(TypedForm, NamesTheFieldThatCannotBeRead) {
    const auto read = read_typed_form("last_name=%zz", "application/x-www-form-urlencoded");
    ASSERT_TRUE(std::holds_alternative<Problem>(read));
    const auto& problem = std::get<Problem>(read);
    EXPECT_EQ(problem.status, 400);
    EXPECT_EQ(problem.code, "broken_encoding");
    ASSERT_EQ(problem.errors.size(), 1U);
    EXPECT_EQ(problem.errors[0].field, "last_name");
}

} // namespace
} // namespace mogiri::module
