// Fills a form around a mark, and puts the visitor's token where the mark was.
#include "pages/blank.hpp"

namespace mogiri::module {
namespace {

constexpr std::string_view mark = "\x01token\x01";

} // namespace

std::string BlankForms::page(PageBook& book, const PageFrame& frame, const Form& form,
                             std::string_view token) {
    Halves& halves = filled_[{frame.event->number, form.id, frame.base, frame.language, frame.chosen}];
    if (halves.before.empty() || halves.version != frame.event->version) {
        const std::string whole = form_page(book, frame, {form, std::string(mark)});
        const auto at = whole.find(mark);
        halves = {frame.event->version, whole.substr(0, at), whole.substr(at + mark.size())};
    }
    std::string page;
    page.reserve(halves.before.size() + token.size() + halves.after.size());
    return page.append(halves.before).append(token).append(halves.after);
}

} // namespace mogiri::module
