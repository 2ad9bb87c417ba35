// The pages that give an applicant back what was typed: with errors, refused, not taken, or to be confirmed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/contract/apply_job.hpp"
#include "http/request.hpp"
#include "pages/form.hpp"

namespace mogiri::module {

// Lives while one request is answered; refers to the event's form and to what was typed.
struct TypedPage {
    Request request;
    const PageFrame& frame;
    const Form& form;
    const std::string& token;
    const FormValues& values;

    ngx_int_t send_form(int status, std::vector<FieldError> errors = {},
                        std::optional<Notice> notice = {}) const;
    ngx_int_t send_form_with(std::vector<FieldError> errors) const;
    // The token was forged or too old: the form again, with a new one.
    ngx_int_t send_expired() const;
    // A decision that was no: the form again, whose new token begins another application.
    ngx_int_t send_refused(Decision decision) const;
    ngx_int_t send_confirmation(int status, const CheckedForm& checked,
                                std::optional<Notice> notice = {}) const;
    // Not taken: the same page with the same token, to be sent again.
    ngx_int_t send_busy(const CheckedForm& checked) const;
    // Sent as only a robot does: the same page with the same token, which a person sends once more.
    ngx_int_t send_doubted(const CheckedForm& checked) const;
    // The token has brought another application: this one may be sent as a new one.
    ngx_int_t send_reused(const CheckedForm& checked, const std::string& earlier_application) const;

  private:
    std::string new_token() const;
};

} // namespace mogiri::module
