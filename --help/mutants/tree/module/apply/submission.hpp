// What an applicant submits, by browser or by program, understood against the event's forms.
//
// Pure functions: no nginx, no Redis.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "apply/form_body.hpp"
#include "daemon/contract/apply_job.hpp"
#include "daemon/contract/form.hpp"
#include "daemon/contract/form_token.hpp"
#include "http/problem.hpp"

namespace mogiri::module {

// An application that may be put on its way. `form` points into the event's settings.
struct Submission {
    const Form* form = nullptr;
    Language language = Language::ja; // of the ticket and the mail
    std::string key;                  // the idempotency key
    CheckedForm checked = {};
};

// A program's JSON: {"form", the form's fields, "lang"?}, every value a string. `language` is that of the
// messages, and of the application when "lang" is absent.
std::variant<Submission, Problem> read_program_submission(const EventSettings& event, std::string_view body,
                                                          std::optional<std::string_view> idempotency_key,
                                                          Language language);

// The name of a field that stands in the page out of sight: who fills it in is a robot.
inline constexpr std::string_view trap_field = "website";

// Whether a body of this media type is a browser's form: urlencoded or multipart.
bool is_typed_form(std::string_view content_type);

// A browser's form as it was typed, without our own hidden fields and buttons.
struct TypedForm {
    std::string form, token;
    std::optional<Language> language;  // of the page it was typed into
    std::optional<Language> switch_to; // the button of the other language
    bool confirming = false;           // typed into nothing: sent from the confirmation page
    bool back = false;                 // by its button "go back and correct"
    bool trapped = false;              // something stands in the field that people do not see
    FormValues values;
};

// `content_type`: the whole header, of a form that is_typed_form() knows.
std::variant<TypedForm, Problem> read_typed_form(std::string_view body, std::string_view content_type);

// 422 with an entry for each field, in the form's order.
Problem field_problem(const std::vector<FieldError>& errors, Language language);

// What is wrong with the Idempotency-Key header that every write of a program needs.
std::optional<Problem> key_problem(std::optional<std::string_view> key);

ApplyJob apply_job(const Submission& submission, const EventSettings& event, const std::string& application,
                   const std::string& reply_channel, std::int64_t now_ms);

} // namespace mogiri::module
