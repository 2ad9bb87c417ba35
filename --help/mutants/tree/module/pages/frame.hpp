// What stands around every page: the event's name and days, the languages, the steps, the contact address.
#pragma once

#include <string>
#include <string_view>

#include "pages/book.hpp"

namespace mogiri::module {

struct PageFrame {
    Language language = Language::ja;
    bool chosen = false;                  // asked for by "?lang=", not by the browser: the links carry it on
    const EventSettings* event = nullptr; // null on pages of no event; outlives the frame
    std::string base;                     // "/e/<slug>" or "": before the addresses of the event's pages

    // An address of the event, such as "/apply/student", with the base and the chosen language.
    std::string link(std::string_view path) const;
};

// The languages as links to this page, or as buttons that send the page's form to `action`, so that what was
// typed stays.
struct LinkedTongues {};
struct TongueButtons {
    std::string action;
};

enum class Step { form, confirm, result };

PageData page_data(const PageFrame& frame, std::string_view title, LinkedTongues);
PageData page_data(const PageFrame& frame, std::string_view title, const TongueButtons& buttons);
void put_steps(PageData& data, const PageWords& words, Step current);

// "2027年6月12日（土）、6月13日（日）", "Sat 12 June, Sun 13 June 2027".
std::string days_in_words(const std::vector<EventDay>& days, Language language);

} // namespace mogiri::module
