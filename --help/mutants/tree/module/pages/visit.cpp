// Finds the event and the language of a visit, and serves what needs nothing else.
#include "pages/visit.hpp"

#include "apply/form_body.hpp"
#include "daemon/contract/form_token.hpp"
#include "http/reply.hpp"
#include "pages/outcome.hpp"
#include "pages/pages.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

std::optional<Language> language_in_query(Request request) {
    const auto tag = query_value(request, "lang");
    return tag ? language_of(*tag) : std::nullopt;
}

} // namespace

std::optional<std::string> query_value(Request request, std::string_view name) {
    std::string_view rest = request.query();
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto pair = rest.substr(0, end);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
            return percent_decoded(pair.substr(name.size() + 1));
        }
        rest = end == rest.npos ? std::string_view{} : rest.substr(end + 1);
    }
    return std::nullopt;
}

PageVisit::PageVisit(Request request, const Visit& visit, std::optional<Language> wish)
    : event(worker().settings.of(visit.slug)) {
    if (!wish) {
        wish = language_in_query(request);
    }
    frame.language = wish.value_or(request.language());
    frame.chosen = frame.language != request.language();
    frame.event = event.get();
    if (event != nullptr && !visit.slug.empty()) {
        frame.base = "/e/" + event->slug;
    }
}

ngx_int_t send_error_page(Request request, const PageFrame& frame, int status, std::string_view code) {
    const Problem problem{.status = status, .code = std::string(code), .retry_after = status == 503 ? 1 : 0};
    if (!request.wants_html()) {
        return send_problem(request, problem);
    }
    return send_problem_page(request, problem,
                             error_page(request.main_conf().pages->book, frame, status, code));
}

ngx_int_t send_no_event(Request request, const PageFrame& frame) {
    return send_error_page(request, frame, worker().settings.loaded() ? 404 : 503);
}

std::variant<const Form*, ngx_int_t> open_form(Request request, const PageVisit& page, std::string_view id) {
    if (page.event == nullptr) {
        return send_no_event(request, page.frame);
    }
    const Form* form = page.event->form(id);
    if (form == nullptr) {
        return send_error_page(request, page.frame, 404);
    }
    switch (page.event->taking(*form, now_ms())) {
    case Taking::closed:
        return send_error_page(request, page.frame, 403, "closed");
    case Taking::not_yet:
        return send_error_page(request, page.frame, 403, "not_open_yet");
    case Taking::open:
        break;
    }
    return form;
}

ngx_int_t serve_index(Request request, const Visit& visit) {
    const PageVisit page(request, visit);
    if (page.event == nullptr) {
        return send_no_event(request, page.frame);
    }
    return send_html(request, 200, index_page(request.main_conf().pages->book, page.frame, now_ms()));
}

ngx_int_t serve_blank_form(Request request, const Visit& visit) {
    const PageVisit page(request, visit);
    const auto found = open_form(request, page, visit.rest);
    if (const auto* answered = std::get_if<ngx_int_t>(&found)) {
        return *answered;
    }
    const Form* form = std::get<const Form*>(found);
    const std::string token =
        FormTokens(*request.main_conf().keys).issue(page.event->number, form->id, now_ms());
    Pages& pages = *request.main_conf().pages;
    return send_html(request, 200, pages.blank_forms.page(pages.book, page.frame, *form, token));
}

ngx_int_t serve_asset(Request request, const Visit& visit) {
    const PageBook& book = request.main_conf().pages->book;
    const PageAsset* asset = book.asset(std::string("/pages/").append(visit.rest));
    if (asset == nullptr) {
        return send_error_page(request, PageVisit(request, visit).frame, 404);
    }
    const bool versioned = query_value(request, "v") == asset->tag;
    const std::string_view cache = versioned ? "public, max-age=31536000, immutable" : "public, max-age=300";
    return send(request, {.status = 200,
                          .content_type = asset->content_type,
                          .body = asset->content,
                          .headers = {{"Cache-Control", cache}},
                          .may_be_kept = true});
}

} // namespace mogiri::module
