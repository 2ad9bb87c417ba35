// An error as RFC 9457 problem+json with a machine code and one entry per field.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mogiri::module {

struct ProblemField {
    std::string field, code, message;
};

struct Problem {
    int status = 500;
    std::string code = {};   // "limit_reached": what programs decide by; empty: the status's own
    std::string detail = {}; // for people, in the request's language; may be empty
    std::vector<ProblemField> errors = {};
    int retry_after = 0;                                           // seconds; 0: no Retry-After
    std::vector<std::pair<std::string, std::string>> members = {}; // further texts: {"signature", "valid"}
    std::string allow = {};                                        // of a 405
};

// {"type","title","status","code","detail","errors":[{"field","code","message"}]}; empty members are left
// out.
std::string problem_json(const Problem& problem);

// "Not Found" for 404.
std::string_view status_title(int status);
// The code of an error that nginx itself raised: 404 not_found, 413 body_too_large, …
std::string_view status_code(int status);

} // namespace mogiri::module
