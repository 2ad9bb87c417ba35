// What every form body must come to, whatever was sent: a problem, faults of fields, or an application that
// can be carried.
#pragma once

#include <cstdlib>

#include <apply_job.hpp>
#include <plain_text.hpp>

#include "module/apply/submission.hpp"
#include "sample_event.hpp"

inline void require(bool holds) {
    if (!holds)
        std::abort();
}

// An application that passed the check goes into a job and comes out of it the same.
inline void carry(const mogiri::EventSettings& event, const mogiri::module::Submission& submission) {
    const mogiri::ApplyJob job = mogiri::module::apply_job(submission, event, "ID", "answers:1", 1);
    for (const auto& [name, value] : job.fields)
        require(mogiri::is_valid_utf8(value));
    for (const std::string& guest : job.guests)
        require(mogiri::is_valid_utf8(guest) && !mogiri::is_invisible(guest));
    require(mogiri::address_is_acceptable(job.email));
    const mogiri::ApplyJob again = mogiri::decode_apply_job(mogiri::encode(job));
    require(again.fields == job.fields && again.guests == job.guests && again.email == job.email);
}

inline void judge(std::string_view body, std::string_view content_type) {
    using namespace mogiri;
    static const EventSettings event = EventSettings::parse(sample_event);
    const auto read = module::read_typed_form(body, content_type);
    const auto* typed = std::get_if<module::TypedForm>(&read);
    if (!typed)
        return;
    for (const Form& form : event.forms) {
        const auto checked = check_form(form, typed->values, Confirmations::required);
        if (const auto* errors = std::get_if<std::vector<FieldError>>(&checked))
            require(!errors->empty() && errors->size() <= most_field_errors);
        else
            carry(event, {&form, Language::ja, "key", std::get<CheckedForm>(checked)});
    }
}
