// Judges notation, form, language and fields, in this order; what can be said at once is said at once.
#include "apply/submission.hpp"

#include "apply/multipart.hpp"

#include <algorithm>

#include "daemon/contract/plain_text.hpp"

namespace mogiri::module {
namespace {

constexpr std::string_view urlencoded = "application/x-www-form-urlencoded";
constexpr std::string_view multipart = "multipart/form-data";

Problem unreadable_problem(const UnreadableBody& unreadable) {
    Problem problem{.status = 400, .code = "", .detail = unreadable.detail};
    switch (unreadable.fault) {
    case UnreadableBody::Fault::broken_encoding:
        problem.code = "broken_encoding";
        break;
    case UnreadableBody::Fault::broken_json:
        problem.code = "broken_json";
        break;
    case UnreadableBody::Fault::too_many_fields:
        problem.status = 413;
        problem.code = "body_too_large";
        break;
    }
    for (const auto& field : unreadable.fields) {
        problem.errors.push_back(
            {field, std::string(fault_code(FieldFault::invalid_encoding)), unreadable.detail});
    }
    return problem;
}

std::optional<std::string> taken_text(FormBody& body, std::string_view name) {
    auto text = body.take(name);
    if (text && (!is_valid_utf8(*text) || text->size() > 200)) {
        text.reset();
    }
    return text;
}

std::optional<Language> taken_language(FormBody& body, std::string_view name) {
    const auto tag = body.take(name);
    return tag ? language_of(*tag) : std::nullopt;
}

} // namespace

std::optional<Problem> key_problem(std::optional<std::string_view> key) {
    constexpr std::size_t longest_key = 200;
    if (key && !key->empty() && key->size() <= longest_key &&
        std::all_of(key->begin(), key->end(), [](char c) { return c >= 0x20 && c < 0x7f; })) {
        return std::nullopt;
    }
    return Problem{.status = 400,
                   .code = "missing_key",
                   .detail = "Idempotency-Key must have 1 to 200 printable ASCII characters"};
}

Problem field_problem(const std::vector<FieldError>& errors, Language language) {
    Problem problem{.status = 422, .code = "invalid", .detail = ""};
    for (const auto& error : errors) {
        // The name of an unknown field is the sender's own text: only what can be said in JSON is said.
        problem.errors.push_back({is_valid_utf8(error.field) ? error.field : "?",
                                  std::string(fault_code(error.fault)),
                                  std::string(fault_message(error.fault, language))});
    }
    return problem;
}

std::variant<Submission, Problem> read_program_submission(const EventSettings& event, std::string_view body,
                                                          std::optional<std::string_view> idempotency_key,
                                                          Language language) {
    if (auto problem = key_problem(idempotency_key)) {
        return *std::move(problem);
    }
    auto read = read_json(body);
    if (const auto* unreadable = std::get_if<UnreadableBody>(&read)) {
        return unreadable_problem(*unreadable);
    }
    auto& fields = std::get<FormBody>(read);
    std::vector<FieldError> errors = std::move(fields.errors);
    const auto noted = [&errors](std::string_view field) {
        return std::any_of(errors.begin(), errors.end(),
                           [field](const auto& error) { return error.field == field; });
    };

    Submission submission{.language = language, .key = std::string(*idempotency_key)};
    if (const auto tag = fields.take("lang")) {
        if (const auto wish = language_of(*tag)) {
            submission.language = *wish;
        } else {
            errors.push_back({"lang", FieldFault::not_in_list});
        }
    }
    const auto form = fields.take("form");
    submission.form = form ? event.form(*form) : nullptr;
    if (submission.form == nullptr) {
        if (!noted("form")) {
            errors.insert(errors.begin(), {"form", form ? FieldFault::not_in_list : FieldFault::missing});
        }
        return field_problem(errors, language);
    }

    auto checked = check_form(*submission.form, fields.values, Confirmations::optional);
    if (const auto* more = std::get_if<std::vector<FieldError>>(&checked)) {
        for (const auto& error : *more) {
            if (!noted(error.field) && errors.size() < most_field_errors) {
                errors.push_back(error);
            }
        }
    }
    if (!errors.empty()) {
        return field_problem(errors, language);
    }
    submission.checked = std::move(std::get<CheckedForm>(checked));
    return submission;
}

bool is_typed_form(std::string_view content_type) {
    const std::string type = media_type(content_type);
    return type == urlencoded || type == multipart;
}

std::variant<TypedForm, Problem> read_typed_form(std::string_view body, std::string_view content_type) {
    auto read = media_type(content_type) == multipart
                    ? read_multipart(body, boundary_of(content_type).value_or(""))
                    : read_urlencoded(body);
    if (const auto* unreadable = std::get_if<UnreadableBody>(&read)) {
        return unreadable_problem(*unreadable);
    }
    auto& fields = std::get<FormBody>(read);
    TypedForm typed;
    typed.form = taken_text(fields, "form").value_or("");
    typed.token = taken_text(fields, "token").value_or("");
    typed.language = taken_language(fields, "lang");
    typed.switch_to = taken_language(fields, "switch");
    typed.confirming = fields.take("step") == "confirm";
    typed.back = fields.take("back").has_value();
    typed.trapped = !taken_text(fields, trap_field).value_or("").empty();
    if (!fields.errors.empty()) {
        return field_problem(fields.errors, typed.language.value_or(Language::ja));
    }
    typed.values = std::move(fields.values);
    return typed;
}

ApplyJob apply_job(const Submission& submission, const EventSettings& event, const std::string& application,
                   const std::string& reply_channel, std::int64_t now_ms) {
    const auto& checked = submission.checked;
    return {.id = application,
            .event = event.number,
            .form = submission.form->id,
            .language = submission.language,
            .applicant = checked.applicant,
            .email = checked.email,
            .fields = checked.fields,
            .guests = checked.guests,
            .body_hash = apply_body_hash(submission.form->id, checked.fields, checked.guests),
            .reply = reply_channel,
            .submitted_ms = now_ms};
}

} // namespace mogiri::module
