// Reads a scan's JSON; unknown members are errors, so that a mistyped "gate" does not admit at another one.
#include "door/scan.hpp"

#include <algorithm>

#include "daemon/contract/form.hpp"
#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/plain_text.hpp"

namespace mogiri::module {

namespace {

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

class ScanReader {
  public:
    ScanReader(const json_t* object, Language language) : object_(object), language_(language) {}

    std::variant<Scan, Problem> read() {
        Scan scan;
        scan.code = required("code");
        const std::string direction = required("direction");
        if (direction == "exit") {
            scan.direction = Direction::exit;
        } else if (direction != "entry" && !complained_of("direction")) {
            complain("direction", FieldFault::not_in_list);
        }
        scan.nonce = required("nonce");
        if (scan.nonce.size() > longest_nonce) {
            complain("nonce", FieldFault::too_long);
        } else if (!is_printable(scan.nonce)) {
            complain("nonce", FieldFault::invalid_format);
        } else if (scan.nonce.empty() && !complained_of("nonce")) {
            complain("nonce", FieldFault::too_short);
        }
        if (const json_t* gate = json_object_get(object_, "gate"); json_is_string(gate)) {
            scan.gate = text_of(gate);
        } else if (gate != nullptr) {
            complain("gate", FieldFault::not_a_string);
        }
        refuse_unknown();
        if (!problem_.errors.empty()) {
            return problem_;
        }
        return scan;
    }

  private:
    std::string required(const char* name) {
        const json_t* value = json_object_get(object_, name);
        if (value == nullptr) {
            complain(name, FieldFault::missing);
        } else if (!json_is_string(value)) {
            complain(name, FieldFault::not_a_string);
        }
        return std::string(text_of(value));
    }

    void refuse_unknown() {
        const char* name = nullptr;
        json_t* value = nullptr;
        json_object_foreach(const_cast<json_t*>(object_), name, value) {
            const std::string_view member = name;
            const bool known =
                member == "code" || member == "direction" || member == "nonce" || member == "gate";
            if (!known && problem_.errors.size() < most_field_errors) {
                complain(member, FieldFault::unknown_field);
            }
        }
    }

    bool complained_of(std::string_view field) const {
        return std::any_of(problem_.errors.begin(), problem_.errors.end(),
                           [&](const ProblemField& error) { return error.field == field; });
    }

    void complain(std::string_view field, FieldFault fault) {
        problem_.errors.push_back({std::string(field), std::string(fault_code(fault)),
                                   std::string(fault_message(fault, language_))});
    }

    const json_t* object_;
    Language language_;
    Problem problem_{.status = 422};
};

} // namespace

std::variant<Scan, Problem> parse_scan(std::string_view text, Language language) {
    if (text.empty()) {
        return Problem{.status = 400, .code = "broken_json", .detail = "the body is empty"};
    }
    if (!is_valid_utf8(text)) {
        return Problem{.status = 400, .code = "broken_encoding", .detail = "the body is not UTF-8"};
    }
    Json json;
    try {
        json = parse_json(text);
    } catch (const std::invalid_argument& error) {
        return Problem{.status = 400, .code = "broken_json", .detail = error.what()};
    }
    if (!json_is_object(json.get())) {
        return Problem{.status = 400, .code = "broken_json", .detail = "the body is not a JSON object"};
    }
    return ScanReader(json.get(), language).read();
}

Problem unknown_gate(Language language) {
    return {.status = 422,
            .errors = {{"gate", std::string(fault_code(FieldFault::not_in_list)),
                        std::string(fault_message(FieldFault::not_in_list, language))}}};
}

} // namespace mogiri::module
