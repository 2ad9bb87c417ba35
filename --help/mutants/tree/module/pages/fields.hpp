// The fields of a form as the templates want them, with what was typed and what is wrong with it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/contract/form.hpp"
#include "pages/book.hpp"

namespace mogiri::module {

// In the order of the form; every part has all of its keys, since mustache would look for missing ones
// outside of it.
PageData fields_data(const PageWords& words, Language language, const Form& form, const FormValues& values,
                     const std::vector<FieldError>& errors);

// One line for each error, with the place on the page where it is.
PageData errors_data(const PageWords& words, Language language, const Form& form,
                     const std::vector<FieldError>& errors);

// What a person reads about one field's error, with the field's own words and limits.
std::string fault_in_words(const PageWords& words, Language language, const Form& form,
                           const FieldError& error);

} // namespace mogiri::module
