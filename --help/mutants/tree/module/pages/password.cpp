// The page that a mail's link leads to.
#include "pages/password.hpp"

#include "directives.hpp"
#include "http/reply.hpp"
#include "pages/pages.hpp"
#include "pages/visit.hpp"

namespace mogiri::module {

ngx_int_t serve_password(Request request, const Visit& visit) {
    const PageVisit page(request, visit);
    if (page.event == nullptr) {
        return send_no_event(request, page.frame);
    }
    PageBook& book = request.main_conf().pages->book;
    PageData data = page_data(page.frame, book.words(page.frame.language)["password_title"], LinkedTongues{});
    put(data, "action", page.frame.base + "/api/v1/password/set");
    return send_html(request, 200, book.fill(Page::password, page.frame.language, data));
}

} // namespace mogiri::module
