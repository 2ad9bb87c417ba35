// Apply jobs and their answers as JSON.
#include "apply_job.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "digest.hpp"
#include "json_owner.hpp"

namespace mogiri {

namespace {

constexpr std::array<std::pair<Decision, std::string_view>, 14> decision_codes{{
    {Decision::issued, "issued"},
    {Decision::unconfirmed, "unconfirmed"},
    {Decision::awaiting_approval, "awaiting_approval"},
    {Decision::waiting, "waiting"},
    {Decision::limit_reached, "limit_reached"},
    {Decision::sold_out, "sold_out"},
    {Decision::address_taken, "address_taken"},
    {Decision::unknown_student, "unknown_student"},
    {Decision::closed, "closed"},
    {Decision::not_open_yet, "not_open_yet"},
    {Decision::rejected, "rejected"},
    {Decision::lapsed, "lapsed"},
    {Decision::cancelled, "cancelled"},
    {Decision::failed, "failed"},
}};

std::string_view string_at(const json_t* object, const char* key) {
    const json_t* value = json_object_get(object, key);
    if (!json_is_string(value))
        throw std::invalid_argument(std::string("\"") + key + "\" is no string");
    return text_of(value);
}

std::int64_t number_at(const json_t* object, const char* key) {
    const json_t* value = json_object_get(object, key);
    if (!json_is_integer(value))
        throw std::invalid_argument(std::string("\"") + key + "\" is no whole number");
    return json_integer_value(value);
}

Json fields_json(const std::map<std::string, std::string>& fields) {
    Json object(json_object());
    for (const auto& [name, value] : fields)
        json_object_set_new(object.get(), name.c_str(), json_of(value));
    return object;
}

Json guests_json(const std::vector<std::string>& guests) {
    Json list(json_array());
    for (const std::string& guest : guests)
        json_array_append_new(list.get(), json_of(guest));
    return list;
}

} // namespace

std::string encode(const ApplyJob& job) {
    Json object(json_object());
    json_object_set_new(object.get(), "id", json_of(job.id));
    json_object_set_new(object.get(), "event", json_integer(job.event));
    json_object_set_new(object.get(), "form", json_of(job.form));
    json_object_set_new(object.get(), "language", json_of(language_tag(job.language)));
    json_object_set_new(object.get(), "applicant", json_of(job.applicant));
    json_object_set_new(object.get(), "email", json_of(job.email));
    json_object_set_new(object.get(), "fields", fields_json(job.fields).release());
    json_object_set_new(object.get(), "guests", guests_json(job.guests).release());
    json_object_set_new(object.get(), "body_hash", json_of(job.body_hash));
    json_object_set_new(object.get(), "reply", json_of(job.reply));
    json_object_set_new(object.get(), "submitted_ms", json_integer(job.submitted_ms));
    return json_text(object.get());
}

ApplyJob decode_apply_job(std::string_view json) {
    const Json document = parse_json(json);
    const json_t* object = document.get();
    ApplyJob job;
    job.id = string_at(object, "id");
    job.event = static_cast<std::uint32_t>(number_at(object, "event"));
    job.form = string_at(object, "form");
    job.language = language_of(string_at(object, "language")).value_or(Language::ja);
    job.applicant = string_at(object, "applicant");
    job.email = string_at(object, "email");
    job.body_hash = string_at(object, "body_hash");
    job.reply = string_at(object, "reply");
    job.submitted_ms = number_at(object, "submitted_ms");
    const char* name;
    json_t* value;
    json_t* fields = json_object_get(object, "fields");
    json_object_foreach(fields, name, value) job.fields.emplace(name, text_of(value));
    std::size_t index;
    const json_t* guests = json_object_get(object, "guests");
    json_array_foreach(guests, index, value) job.guests.emplace_back(text_of(value));
    if (job.id.empty() || job.guests.empty())
        throw std::invalid_argument("no application id or no guests");
    return job;
}

std::string apply_body_hash(std::string_view form, const std::map<std::string, std::string>& fields,
                            const std::vector<std::string>& guests) {
    Json object(json_object());
    json_object_set_new(object.get(), "form", json_of(form));
    json_object_set_new(object.get(), "fields", fields_json(fields).release());
    json_object_set_new(object.get(), "guests", guests_json(guests).release());
    const Digest digest = sha256(json_text(object.get()));
    return hex(std::span(digest).first(16));
}

std::string_view decision_code(Decision decision) {
    for (const auto& [known, code] : decision_codes)
        if (known == decision)
            return code;
    return "failed";
}

std::optional<Decision> decision_of(std::string_view code) {
    for (const auto& [decision, known] : decision_codes)
        if (known == code)
            return decision;
    return std::nullopt;
}

bool is_held(Decision decision) {
    return decision == Decision::unconfirmed || decision == Decision::awaiting_approval ||
           decision == Decision::waiting;
}

std::string_view decision_state(Decision decision) {
    const bool tells_itself =
        is_held(decision) || decision == Decision::issued || decision == Decision::cancelled;
    return tells_itself ? decision_code(decision) : "refused";
}

int http_status(Decision decision) {
    switch (decision) {
    case Decision::issued:
        return 201;
    case Decision::unconfirmed:
    case Decision::awaiting_approval:
    case Decision::waiting:
        return 202;
    case Decision::limit_reached:
    case Decision::sold_out:
    case Decision::address_taken:
    case Decision::rejected:
    case Decision::lapsed:
    case Decision::cancelled:
        return 409;
    case Decision::unknown_student:
        return 422;
    case Decision::closed:
    case Decision::not_open_yet:
        return 403;
    case Decision::failed:
        return 500;
    }
    return 500;
}

std::string encode(const Answer& answer) {
    Json object(json_object());
    json_object_set_new(object.get(), "application", json_of(answer.application));
    json_object_set_new(object.get(), "decision", json_of(decision_code(answer.decision)));
    json_object_set_new(object.get(), "tickets", json_integer(answer.tickets));
    if (answer.version > 0)
        json_object_set_new(object.get(), "version", json_integer(answer.version));
    return json_text(object.get());
}

Answer decode_answer(std::string_view json) {
    const Json document = parse_json(json);
    const auto decision = decision_of(string_at(document.get(), "decision"));
    if (!decision)
        throw std::invalid_argument("an unknown decision");
    return {std::string(string_at(document.get(), "application")), *decision,
            number_at(document.get(), "tickets"),
            json_integer_value(json_object_get(document.get(), "version"))};
}

} // namespace mogiri
