// The page that sends the links to an address's applications by mail.
#pragma once

#include <optional>
#include <string>

#include "pages/form.hpp"

namespace mogiri::module {

struct FindPage {
    std::string token = {};
    std::string address = {}; // as it was typed
    bool sent = false;          // the mail is on its way, if anybody applied with it
    bool invalid = false;       // it is no address
    std::optional<Notice> notice = {};
};

std::string find_page(PageBook& book, const PageFrame& frame, const FindPage& page);

} // namespace mogiri::module
