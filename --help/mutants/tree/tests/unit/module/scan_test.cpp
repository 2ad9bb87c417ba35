// What a scanner may send, and what is wrong with the rest.
#include "module/door/scan.hpp"

#include <gmock/gmock.h>

namespace mogiri::module {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

Scan accepted(std::string_view json) {
    return std::get<Scan>(parse_scan(json, Language::en));
}
Problem refused(std::string_view json) {
    return std::get<Problem>(parse_scan(json, Language::en));
}

std::vector<std::pair<std::string, std::string>> faults(std::string_view json) {
    const Problem problem = refused(json);
    EXPECT_EQ(problem.status, 422);
    std::vector<std::pair<std::string, std::string>> faults;
    for (const ProblemField& error : problem.errors) {
        EXPECT_FALSE(error.message.empty());
        faults.emplace_back(error.field, error.code);
    }
    return faults;
}

TEST(Scan, IsReadWhole) {
    const Scan scan = accepted(R"({"code":"ABC","direction":"exit","nonce":"n-1","gate":"main"})");
    EXPECT_EQ(scan.code, "ABC");
    EXPECT_EQ(scan.direction, Direction::exit);
    EXPECT_EQ(scan.nonce, "n-1");
    EXPECT_EQ(scan.gate, "main");
    EXPECT_EQ(accepted(R"({"code":"ABC","direction":"entry","nonce":"n"})").gate, std::nullopt);
}

TEST(Scan, NamesEveryFieldThatIsWrong) {
    EXPECT_THAT(faults("{}"),
                ElementsAre(Pair("code", "missing"), Pair("direction", "missing"), Pair("nonce", "missing")));
    EXPECT_THAT(faults(R"({"code":1,"direction":null,"nonce":[],"gate":2})"),
                ElementsAre(Pair("code", "not_a_string"), Pair("direction", "not_a_string"),
                            Pair("nonce", "not_a_string"), Pair("gate", "not_a_string")));
    EXPECT_THAT(faults(R"({"code":"A","direction":"in","nonce":"n","gat":"main"})"),
                ElementsAre(Pair("direction", "not_in_list"), Pair("gat", "unknown_field")));
}

TEST(Scan, WantsAPrintableNonceOfOneToSixtyFourCharacters) {
    const auto with_nonce = [](const std::string& nonce) {
        return R"({"code":"A","direction":"entry","nonce":")" + nonce + "\"}";
    };
    EXPECT_EQ(accepted(with_nonce(std::string(64, 'x'))).nonce.size(), 64u);
    EXPECT_THAT(faults(with_nonce(std::string(65, 'x'))), ElementsAre(Pair("nonce", "too_long")));
    EXPECT_THAT(faults(with_nonce("")), ElementsAre(Pair("nonce", "too_short")));
    EXPECT_THAT(faults(with_nonce("\\u0007")), ElementsAre(Pair("nonce", "invalid_format")));
    EXPECT_THAT(faults(with_nonce("音")), ElementsAre(Pair("nonce", "invalid_format")));
}

TEST(Scan, RefusesBrokenBodies) {
    EXPECT_EQ(refused("").code, "broken_json");
    EXPECT_EQ(refused("{").code, "broken_json");
    EXPECT_EQ(refused("[]").code, "broken_json");
    EXPECT_EQ(refused(R"({"code":"A","code":"B"})").code, "broken_json");
    EXPECT_EQ(refused("{} trailing").code, "broken_json");
    EXPECT_EQ(refused("{\"code\":\"\xff\"}").code, "broken_encoding");
    EXPECT_EQ(refused("{").status, 400);
}

TEST(Scan, ListsNoMoreErrorsThanAnyoneReads) {
    std::string json = "{";
    for (int i = 0; i < 200; ++i) {
        json += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":1";
    }
    EXPECT_EQ(refused(json + "}").errors.size(), 50u);
}

} // namespace
} // namespace mogiri::module
