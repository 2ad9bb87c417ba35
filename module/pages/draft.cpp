// The applicants' pages of an event's definition that nobody has saved yet.
#include "pages/draft.hpp"

#include "daemon/contract/json_owner.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"
#include "pages/form.hpp"
#include "pages/outcome.hpp"
#include "pages/pages.hpp"
#include "pages/visit.hpp"
#include "worker.hpp"

namespace mogiri::module {
namespace {

ngx_int_t send_page(Request request, const std::string& html) {
    const Json answer(json_object());
    json_object_set_new(answer.get(), "page", json_of(html));
    return send_json(request, 200, json_text(answer.get()));
}

ngx_int_t refuse(Request request, std::string field, std::string code, std::string message) {
    return send_problem(request,
                        {.status = 422, .errors = {{std::move(field), std::move(code), std::move(message)}}});
}

// As it looks while it takes applications.
ngx_int_t show(Request request, EventSettings draft) {
    draft.state = EventState::open;
    PageFrame frame;
    frame.language = language_of(query_value(request, "lang").value_or("")).value_or(request.language());
    frame.event = &draft;
    PageBook& book = request.main_conf().pages->book;
    const std::string id = query_value(request, "form").value_or("");
    if (id.empty()) {
        return send_page(request, index_page(book, frame, now_ms()));
    }
    const Form* form = draft.form(id);
    return form == nullptr ? refuse(request, "form", "not_in_list", "the draft has no such form")
                           : send_page(request, form_page(book, frame, {*form, ""}));
}

} // namespace

ngx_int_t show_draft(Request request, const EventSettings& event, std::string_view path,
                     std::string_view body) {
    constexpr std::string_view before = "/api/v1/events/";
    path.remove_prefix(before.size());
    if (path.substr(0, path.find('/')) != event.slug) {
        return send_problem(request, {.status = 404});
    }
    context(request).outcome = "done";
    try {
        return show(request, EventSettings::parse(body));
    } catch (const SettingsError& error) {
        return refuse(request, error.path(), "invalid_format", error.what());
    } catch (const std::invalid_argument& broken) {
        return send_problem(request, {.status = 400, .code = "broken_json", .detail = broken.what()});
    }
}

} // namespace mogiri::module
