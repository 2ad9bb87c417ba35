// What programs are told of a call: the daemon's JSON, or a problem with its code and words.
#include "calls/answer.hpp"

#include "daemon/contract/json_owner.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"
#include "pages/pages.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

std::vector<ProblemField> entries(const json_t* list, const PageWords& words) {
    std::vector<ProblemField> errors;
    std::size_t index = 0;
    const json_t* one = nullptr;
    json_array_foreach(list, index, one) {
        const std::string field(text_of(json_object_get(one, "field"))),
            code(text_of(json_object_get(one, "code")));
        const std::string key = "fault_" + code;
        if (const std::string_view message = text_of(json_object_get(one, "message")); !message.empty()) {
            errors.push_back({field, code, std::string(message)});
            continue;
        }
        errors.push_back(
            {field, code,
             words.has(key) ? words.filled(key, {{"label", field}, {"min", "…"}, {"max", "…"}}) : code});
    }
    return errors;
}

} // namespace

Problem call_problem(Request request, const CallOutcome& outcome, Language language) {
    const PageWords& words = request.main_conf().pages->book.words(language);
    const std::string key = "call_" + outcome.code;
    if (outcome.code == "invalid") {
        const Json body = parse_json(outcome.body);
        if (const json_t* list = json_object_get(body.get(), "errors")) {
            return {.status = outcome.status, .code = outcome.code, .errors = entries(list, words)};
        }
        return {.status = outcome.status,
                .code = outcome.code,
                .errors = {{std::string(text_of(json_object_get(body.get(), "field"))),
                            std::string(text_of(json_object_get(body.get(), "fault"))), words[key]}}};
    }
    std::string detail = words.has(key) ? words[key] : "";
    if (outcome.body.find("\"detail\"") != std::string::npos) { // where only the daemon knows the reason
        detail = text_of(json_object_get(parse_json(outcome.body).get(), "detail"));
    }
    return {.status = outcome.status,
            .code = outcome.code,
            .detail = std::move(detail),
            .retry_after = outcome.retry_after};
}

ngx_int_t answer_call(Request request, const CallOutcome& outcome) {
    if (outcome.status >= 400) {
        context(request).outcome = outcome.status < 500 ? "refused" : "failed";
        return send_problem(request, call_problem(request, outcome, request.language()));
    }
    context(request).outcome = "done";
    return send_json(request, outcome.status, outcome.body);
}

} // namespace mogiri::module
