// Reads and tells the stored answer.
#include "apply/status_answer.hpp"

#include <stdexcept>

#include "daemon/contract/json_owner.hpp"

namespace mogiri::module {

std::optional<Answer> stored_answer(std::string_view text) {
    constexpr std::size_t hash_size = 32;
    if (text.size() < hash_size) {
        throw std::invalid_argument("an application's entry is cut off");
    }
    return text.size() == hash_size ? std::nullopt : std::optional(decode_answer(text.substr(hash_size)));
}

namespace {

std::string_view state_of(const std::optional<Answer>& answer) {
    if (!answer) {
        return "pending";
    }
    return decision_state(answer->decision);
}

} // namespace

std::string status_json(std::string_view application, const std::optional<Answer>& answer) {
    const bool issued = answer && answer->decision == Decision::issued;
    const Json json(json_object());
    json_object_set_new(json.get(), "application", json_of(application));
    json_object_set_new(json.get(), "state", json_of(state_of(answer)));
    json_object_set_new(json.get(), "tickets", json_integer(issued ? answer->tickets : 0));
    if (answer && !issued && !is_held(answer->decision)) {
        json_object_set_new(json.get(), "code", json_of(decision_code(answer->decision)));
    }
    return json_text(json.get());
}

} // namespace mogiri::module
