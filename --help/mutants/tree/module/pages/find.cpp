// Fills the page that asks for an address.
#include "pages/find.hpp"

namespace mogiri::module {

std::string find_page(PageBook& book, const PageFrame& frame, const FindPage& page) {
    const PageWords& words = book.words(frame.language);
    PageData data = page_data(frame, words[page.sent ? "find_sent_title" : "find_title"], LinkedTongues{});
    data["sent"] = PageData(page.sent);
    put(data, "intro", page.sent ? "" : words["find_intro"]);
    put(data, "action", frame.link("/apply/find"));
    put(data, "home", frame.link("/"));
    put(data, "token", page.token);
    put(data, "address", page.address);
    const std::string error =
        page.invalid ? words.filled("fault_invalid_format_email", {{"label", words["find_label"]}}) : "";
    put(data, "error", error);
    data["errors_title"] = PageData(page.invalid || page.notice.has_value());
    if (page.notice) {
        PageData notice;
        put(notice, "heading", page.notice->heading);
        put(notice, "text", page.notice->text);
        notice["has_errors"] = PageData(false);
        notice["link"] = PageData(false);
        data["notice"] = std::move(notice);
    }
    return book.fill(Page::find, frame.language, data);
}

} // namespace mogiri::module
