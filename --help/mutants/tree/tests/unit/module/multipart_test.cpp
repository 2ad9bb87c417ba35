// multipart/form-data: what is read as it was meant, and what is refused.
#include "module/apply/multipart.hpp"

#include <gtest/gtest.h>

namespace mogiri::module {
namespace {

std::string part(const std::string& disposition, const std::string& content) {
    return "--x\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

TEST(Boundary, IsFoundHoweverItIsWritten) {
    EXPECT_EQ(boundary_of("multipart/form-data; boundary=abc"), "abc");
    EXPECT_EQ(boundary_of("multipart/form-data;charset=utf-8; Boundary=\"a b;c\""), "a b;c");
    for (const auto* none : {"multipart/form-data", "multipart/form-data; boundary",
                             "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a"}) {
        EXPECT_FALSE(boundary_of(none)) << none;
    }
    EXPECT_FALSE(boundary_of("multipart/form-data; boundary=" + std::string(71, 'a')));
}

TEST(Multipart, ReadsFields) {
    const auto read = read_multipart(part("name=\"a\"", "山田\r\n花子") + part("name=b", "--") +
                                         part("name=\"c\"", "") + "--x--\r\n",
                                     "x");
    ASSERT_TRUE(std::holds_alternative<FormBody>(read));
    EXPECT_EQ(std::get<FormBody>(read).values, (FormValues{{"a", "山田\r\n花子"}, {"b", "--"}}));
}

TEST(Multipart, AFileIsNoText) {
    const auto read = read_multipart(part("name=\"a\"; filename=\"x.png\"", "PNG") + "--x--", "x");
    ASSERT_TRUE(std::holds_alternative<FormBody>(read));
    const auto& form = std::get<FormBody>(read);
    EXPECT_TRUE(form.values.empty());
    ASSERT_EQ(form.errors.size(), 1U);
    EXPECT_EQ(form.errors[0].fault, FieldFault::not_a_string);
}

TEST(Multipart, RefusesWhatIsAmbiguousOrCutOff) {
    const auto whole = part("name=\"a\"", "1");
    for (const auto& body :
         {std::string(), std::string("--y--"), whole, whole + "--x", whole + "--xy--",
          whole + whole + "--x--", part("name=\"\"", "1") + "--x--", part("filename=\"a\"", "1") + "--x--",
          part("name=\"a\nb\"", "1") + "--x--", std::string("--x\r\n--x--"),
          std::string("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n--x--")}) {
        EXPECT_TRUE(std::holds_alternative<UnreadableBody>(read_multipart(body, "x"))) << body;
    }
}

} // namespace
} // namespace mogiri::module
