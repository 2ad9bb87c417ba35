// The form page and the confirmation page, made from an event's form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/contract/form.hpp"
#include "pages/frame.hpp"

namespace mogiri::module {

// What the server says above a form.
struct Notice {
    std::string heading;
    std::string text;
    std::string href, label; // a link; none when empty
};

struct FormPage {
    const Form& form;
    std::string token;
    FormValues values = {};
    std::vector<FieldError> errors = {};
    std::optional<Notice> notice = {}; // the errors make one by themselves
};

std::string form_page(PageBook& book, const PageFrame& frame, const FormPage& page);

struct ConfirmPage {
    const Form& form;
    std::string token;
    const FormValues& values;   // as typed: what the hidden fields carry on
    const CheckedForm& checked; // as understood: what is shown
    std::optional<Notice> notice = {};
};

std::string confirm_page(PageBook& book, const PageFrame& frame, const ConfirmPage& page);

} // namespace mogiri::module
