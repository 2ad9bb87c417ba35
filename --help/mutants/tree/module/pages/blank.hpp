// Blank form pages, filled once per version of an event's settings, so that a rush of visitors costs a copy
// each.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "pages/form.hpp"

namespace mogiri::module {

class BlankForms {
  public:
    // The page with the token in its place.
    std::string page(PageBook& book, const PageFrame& frame, const Form& form, std::string_view token);

  private:
    struct Halves {
        std::uint64_t version = 0;
        std::string before, after; // the token
    };
    // event, form, base, language, whether it was chosen
    using Which = std::tuple<std::uint32_t, std::string, std::string, Language, bool>;

    std::map<Which, Halves> filled_;
};

} // namespace mogiri::module
