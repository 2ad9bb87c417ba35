// All that is needed to answer with a page: the templates, and forms that are already filled.
//
// Owner: MainConf. Made when the configuration is read; after the fork each worker uses its own copy.
#pragma once

#include <string>

#include "pages/blank.hpp"
#include "pages/book.hpp"

namespace mogiri::module {

struct Pages {
    explicit Pages(const std::string& directory) : book(PageBook::load(directory)) {}

    PageBook book;
    BlankForms blank_forms;
};

} // namespace mogiri::module
