// Problem documents as RFC 9457 wants them.
#include "module/http/problem.hpp"

#include <gtest/gtest.h>

namespace mogiri::module {
namespace {

TEST(Problem, HasACodeOfItsOwnOrTheStatuss) {
    EXPECT_EQ(problem_json({.status = 404}),
              R"({"code":"not_found","status":404,"title":"Not Found","type":"about:blank"})");
    EXPECT_EQ(
        problem_json({.status = 409, .code = "sold_out", .detail = "売り切れです"}),
        R"({"code":"sold_out","detail":"売り切れです","status":409,"title":"Conflict","type":"about:blank"})");
}

TEST(Problem, HasOneEntryPerField) {
    EXPECT_EQ(
        problem_json({.status = 422, .errors = {{"email", "missing", "\"?\""}}}),
        R"({"code":"invalid","errors":[{"code":"missing","field":"email","message":"\"?\""}],"status":422,)"
        R"("title":"Unprocessable Content","type":"about:blank"})");
}

TEST(Problem, NamesEveryStatusThatNginxMayRaise) {
    for (const int status :
         {400, 403, 404, 405, 408, 411, 412, 413, 414, 415, 416, 421, 429, 500, 501, 502, 503, 504, 505}) {
        EXPECT_FALSE(status_title(status).empty()) << status;
        EXPECT_FALSE(status_code(status).empty()) << status;
    }
    EXPECT_EQ(status_code(413), "body_too_large");
    EXPECT_EQ(status_code(418), "bad_request");
    EXPECT_EQ(status_code(599), "failed");
}

} // namespace
} // namespace mogiri::module
