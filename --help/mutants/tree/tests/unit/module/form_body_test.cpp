// Form bodies: what is read as it was meant, and what is refused as ambiguous.
#include "module/apply/form_body.hpp"

#include <gtest/gtest.h>

namespace mogiri::module {
namespace {

using Fault = UnreadableBody::Fault;

FormBody urlencoded(std::string_view body) {
    auto read = read_urlencoded(body);
    EXPECT_TRUE(std::holds_alternative<FormBody>(read)) << body;
    return std::holds_alternative<FormBody>(read) ? std::get<FormBody>(read) : FormBody{};
}

UnreadableBody unreadable(const ReadBody& read) {
    EXPECT_TRUE(std::holds_alternative<UnreadableBody>(read));
    const auto* found = std::get_if<UnreadableBody>(&read);
    return found != nullptr ? *found : UnreadableBody{};
}

TEST(Urlencoded, DecodesPlusAndPercent) {
    const auto form = urlencoded("a=1+2&b=%E5%B1%B1%e7%94%B0&c=%3D%26%2B&d=");
    EXPECT_EQ(form.values, (FormValues{{"a", "1 2"}, {"b", "山田"}, {"c", "=&+"}}));
}

TEST(Urlencoded, AnEmptyBodyHasNoFields) {
    EXPECT_TRUE(urlencoded("").values.empty());
    EXPECT_TRUE(urlencoded("&&").values.empty());
    EXPECT_TRUE(urlencoded("a&b=").values.empty());
}

TEST(Urlencoded, KeepsWhatIsNoTextForTheCheckOfTheField) {
    const auto form = urlencoded("a=%ff&b=%00");
    EXPECT_EQ(form.values.at("a"), "\xff");
    EXPECT_EQ(form.values.at("b"), std::string(1, '\0'));
}

TEST(Urlencoded, RefusesBrokenEscapesNamingTheField) {
    for (const auto* body : {"x=1&a=%", "x=1&a=%4", "x=1&a=%4g", "x=1&a=%zz", "x=1&a=%%41"}) {
        const auto broken = unreadable(read_urlencoded(body));
        EXPECT_EQ(broken.fault, Fault::broken_encoding) << body;
        EXPECT_EQ(broken.fields, std::vector<std::string>{"a"}) << body;
    }
}

TEST(Urlencoded, RefusesNamesThatCannotBeRepeated) {
    for (const auto* body : {"%00=1", "%ff=1", "a%0a=1", "=1", "%4=1"}) {
        const auto broken = unreadable(read_urlencoded(body));
        EXPECT_EQ(broken.fault, Fault::broken_encoding) << body;
        EXPECT_TRUE(broken.fields.empty()) << body;
    }
    EXPECT_EQ(unreadable(read_urlencoded(std::string(101, 'a') + "=1")).fault, Fault::broken_encoding);
}

TEST(Urlencoded, RefusesAFieldThatComesTwice) {
    const auto broken = unreadable(read_urlencoded("a=1&b=2&a=1"));
    EXPECT_EQ(broken.fault, Fault::broken_encoding);
    EXPECT_EQ(broken.fields, std::vector<std::string>{"a"});
}

TEST(Urlencoded, BoundsTheNumberOfFields) {
    std::string body;
    for (std::size_t i = 0; i < most_form_fields; ++i) {
        body += "f" + std::to_string(i) + "=1&";
    }
    EXPECT_EQ(urlencoded(body).values.size(), most_form_fields);
    EXPECT_EQ(unreadable(read_urlencoded(body + "x=1")).fault, Fault::too_many_fields);
}

TEST(JsonBody, ReadsStringsAndNamesWhatIsNone) {
    const auto read = read_json(R"({"a":"山","n":1,"x":null,"l":[],"z":"a\u0000b"})");
    ASSERT_TRUE(std::holds_alternative<FormBody>(read));
    const auto& form = std::get<FormBody>(read);
    EXPECT_EQ(form.values, (FormValues{{"a", "山"}, {"z", std::string("a\0b", 3)}}));
    ASSERT_EQ(form.errors.size(), 3U);
    EXPECT_EQ(form.errors[0].field, "n");
    EXPECT_EQ(form.errors[0].fault, FieldFault::not_a_string);
}

TEST(JsonBody, RefusesWhatIsNoObject) {
    for (const auto* body :
         {"", "{", "[]", "\"a\"", "1", "{\"a\":\"1\",\"a\":\"1\"}", "{\"a\":\"\\ud800\"}", "{} x"}) {
        EXPECT_EQ(unreadable(read_json(body)).fault, Fault::broken_json) << body;
    }
    EXPECT_EQ(unreadable(read_json(std::string(60'000, '['))).fault, Fault::broken_json);
}

TEST(JsonBody, NamesTheFieldsThatAreNoUtf8) {
    const auto broken = unreadable(read_json("{\"a\":\"\xff\",\"b\":\"\xe5\xb1\xb1\",\"c\":\"x\xe5\xb1\"}"));
    EXPECT_EQ(broken.fault, Fault::broken_encoding);
    EXPECT_EQ(broken.fields, (std::vector<std::string>{"a", "c"}));
    EXPECT_TRUE(unreadable(read_json("{\"\xff\":")).fields.empty());
}

TEST(JsonBody, TellsThePlaceAndNeverTheText) {
    const auto broken = unreadable(read_json("{\"name\":\n secret}"));
    EXPECT_EQ(broken.detail.find("secret"), std::string::npos);
    EXPECT_NE(broken.detail.find("line 2"), std::string::npos);
}

TEST(JsonBody, BoundsTheNumberOfFields) {
    std::string body = "{";
    for (std::size_t i = 0; i <= most_form_fields; ++i) {
        body += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":\"1\"";
    }
    EXPECT_EQ(unreadable(read_json(body + "}")).fault, Fault::too_many_fields);
}

TEST(FormBody, TakesAFieldOut) {
    auto form = urlencoded("token=T&a=1");
    EXPECT_EQ(form.take("token"), "T");
    EXPECT_EQ(form.take("token"), std::nullopt);
    EXPECT_EQ(form.values.size(), 1U);
}

} // namespace
} // namespace mogiri::module
