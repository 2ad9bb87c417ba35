// Errors for whoever asked: problem+json for programs, a short page for browsers; also those that nginx
// itself raised.
#include "problem_page.hpp"

namespace mogiri::module {

namespace {

struct Sentence {
    int status;
    std::string_view ja, en;
};

constexpr Sentence sentences[] = {
    {400, "リクエストを読み取れませんでした。", "The request could not be read."},
    {403, "このページを見る権限がありません。", "You may not see this page."},
    {404, "ページが見つかりません。", "There is no such page."},
    {405, "この操作はできません。", "That cannot be done here."},
    {408, "時間内に届きませんでした。もう一度お試しください。",
     "It did not arrive in time. Please try again."},
    {413, "送られた内容が大きすぎます。", "What was sent is too large."},
    {414, "アドレスが長すぎます。", "The address is too long."},
    {429, "アクセスが集中しています。しばらくしてからもう一度お試しください。",
     "Too many requests. Please wait a moment and try again."},
    {503, "ただいま混み合っています。しばらくしてからもう一度お試しください。",
     "The service is busy. Please try again in a moment."},
};
constexpr Sentence failed = {500, "エラーが発生しました。", "Something went wrong."};

std::string_view sentence(int status, Language language) {
    const Sentence* found = &failed;
    for (const Sentence& candidate : sentences) {
        if (candidate.status == status) {
            found = &candidate;
        }
    }
    return language == Language::ja ? found->ja : found->en;
}

// Of fixed texts only, so there is nothing to escape.
std::string page(int status, Language language) {
    const std::string_view text = sentence(status, language);
    std::string html = "<!DOCTYPE html>\n<html lang=\"";
    html += language_tag(language);
    html +=
        "\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>";
    html += text;
    html += "</title></head>\n<body><main><h1>";
    html += text;
    html += "</h1><p>";
    html += std::to_string(status);
    html += ' ';
    html += status_title(status);
    html += "</p></main></body>\n</html>\n";
    return html;
}

// nginx's own numbers for what went wrong before there was a request; it answers them as 400.
int public_status(ngx_uint_t status) {
    switch (status) {
    case NGX_HTTP_REQUEST_HEADER_TOO_LARGE:
    case NGX_HTTPS_CERT_ERROR:
    case NGX_HTTPS_NO_CERT:
    case NGX_HTTP_TO_HTTPS:
        return NGX_HTTP_BAD_REQUEST;
    default:
        return static_cast<int>(status);
    }
}

} // namespace

ngx_int_t send_error(Request request, const Problem& problem) {
    if (request.wants_html()) {
        return send_problem_page(request, problem, page(problem.status, request.language()));
    }
    return send_problem(request, problem);
}

ngx_int_t serve_problem(Request request) {
    ngx_http_request_t* raw = request.raw();
    const int status = raw->err_status == 0 ? NGX_HTTP_NOT_FOUND : public_status(raw->err_status);
    raw->err_status = static_cast<ngx_uint_t>(status);
    Problem problem{.status = status};
    if (status == NGX_HTTP_TOO_MANY_REQUESTS || status == NGX_HTTP_SERVICE_UNAVAILABLE) {
        problem.retry_after = 1;
    }
    return send_error(request, problem);
}

} // namespace mogiri::module
