// Reads a scan's JSON; unknown members are errors, so that a mistyped "gate" does not admit at another one.
#include "door/scan.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "daemon/contract/form.hpp"
#include "daemon/contract/json_owner.hpp"
#include "daemon/contract/plain_text.hpp"

namespace mogiri::module {

namespace {

constexpr json_int_t last_serial = (json_int_t{1} << 40) - 1;

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

class ScanReader {
  public:
    ScanReader(const json_t* object, Language language, ScanKind kind)
        : object_(object), language_(language), kind_(kind) {}

    std::variant<Scan, Problem> read() {
        Scan scan;
        read_ticket(scan);
        if (kind_ == ScanKind::scan || kind_ == ScanKind::offline) {
            read_direction(scan);
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
        if (kind_ == ScanKind::undo || kind_ == ScanKind::force) {
            read_reason(scan);
        }
        if (kind_ == ScanKind::offline) {
            read_decision(scan);
        }
        refuse_unknown();
        if (!problem_.errors.empty()) {
            return problem_;
        }
        return scan;
    }

  private:
    void read_ticket(Scan& scan) {
        const json_t* ticket = json_object_get(object_, "ticket");
        if (kind_ != ScanKind::undo || ticket == nullptr) {
            scan.code = required("code");
            return;
        }
        if (!json_is_integer(ticket) || json_integer_value(ticket) < 1 ||
            json_integer_value(ticket) > last_serial || json_object_get(object_, "code") != nullptr) {
            complain("ticket", FieldFault::invalid_format);
        }
        scan.ticket = static_cast<std::uint64_t>(json_integer_value(ticket));
    }

    void read_direction(Scan& scan) {
        const std::string direction = required("direction");
        if (direction == "exit") {
            scan.direction = Direction::exit;
        } else if (direction != "entry" && !complained_of("direction")) {
            complain("direction", FieldFault::not_in_list);
        }
    }

    void read_reason(Scan& scan) {
        scan.reason = trimmed(required("reason"));
        if (complained_of("reason")) {
            return;
        }
        if (is_invisible(scan.reason)) {
            complain("reason", FieldFault::too_short);
        } else if (has_control_character(scan.reason)) {
            complain("reason", FieldFault::control_character);
        } else if (characters(scan.reason) > longest_reason) {
            complain("reason", FieldFault::too_long);
        }
    }

    // When the device decided, and what.
    void read_decision(Scan& scan) {
        const auto time = parse_time(required("at"));
        if (!time && !complained_of("at")) {
            complain("at", FieldFault::invalid_format);
        }
        scan.device_ms = time.value_or(0);
        const std::string decided = required("decided");
        scan.passed = decided == "admitted" || decided == "exited";
        if (!scan.passed && decided != "refused" && !complained_of("decided")) {
            complain("decided", FieldFault::not_in_list);
        }
    }

    bool is_known(std::string_view member) const {
        switch (kind_) {
        case ScanKind::undo:
            return member == "ticket" || member == "reason";
        case ScanKind::force:
            return member == "reason";
        case ScanKind::offline:
            return member == "direction" || member == "at" || member == "decided";
        case ScanKind::scan:
            break;
        }
        return member == "direction";
    }

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
            const bool known = member == "code" || member == "nonce" || member == "gate" || is_known(member);
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
    ScanKind kind_;
    Problem problem_{.status = 422};
};

// Says nothing of what is wrong: the reader above does (scan_test compares them).
class PlainScan {
  public:
    explicit PlainScan(std::string_view text) : rest_(text) {}

    std::optional<ScanWords> read() {
        std::optional<std::string_view> code, direction, nonce, gate;
        if (!take('{')) {
            return std::nullopt;
        }
        do {
            const auto name = quoted();
            const auto value = name && take(':') ? quoted() : std::nullopt;
            auto* member = !value                 ? nullptr
                           : *name == "code"      ? &code
                           : *name == "direction" ? &direction
                           : *name == "nonce"     ? &nonce
                           : *name == "gate"      ? &gate
                                                  : nullptr;
            if (member == nullptr || *member) {
                return std::nullopt;
            }
            *member = value;
        } while (take(','));
        if (!take('}') || !at_end() || !code || !direction || !nonce || nonce->empty() ||
            nonce->size() > longest_nonce || (*direction != "entry" && *direction != "exit")) {
            return std::nullopt;
        }
        return ScanWords{*code, *direction == "entry" ? Direction::entry : Direction::exit, *nonce, gate};
    }

  private:
    bool at_end() {
        while (!rest_.empty() && is_blank(rest_.front())) {
            rest_.remove_prefix(1);
        }
        return rest_.empty();
    }

    static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    bool take(char sign) {
        if (at_end() || rest_.front() != sign) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    // Printable ASCII without a backslash.
    std::optional<std::string_view> quoted() {
        if (!take('"')) {
            return std::nullopt;
        }
        std::size_t size = 0;
        while (size < rest_.size() && stands_for_itself[static_cast<unsigned char>(rest_[size])]) {
            ++size;
        }
        if (size == rest_.size() || rest_[size] != '"') {
            return std::nullopt;
        }
        const std::string_view text = rest_.substr(0, size);
        rest_.remove_prefix(size + 1);
        return text;
    }

    static constexpr std::array<bool, 256> stands_for_itself = [] {
        std::array<bool, 256> bytes{};
        for (std::size_t byte = 0x20; byte <= 0x7e; ++byte) {
            bytes[byte] = byte != '"' && byte != '\\';
        }
        return bytes;
    }();

    std::string_view rest_;
};

} // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
    std::tm parts{};
    int year = 0, taken = 0;
    const std::string whole(text);
    if (whole.size() > 40 || std::sscanf(whole.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &parts.tm_mon, &parts.tm_mday,
                                         &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &taken) != 6 ||
        taken != 19 || year < 2000 || year > 2199) {
        return std::nullopt;
    }
    text.remove_prefix(19);
    std::int64_t milliseconds = 0;
    if (text.starts_with('.')) {
        std::int64_t unit = 100;
        for (text.remove_prefix(1); !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), unit /= 10) {
            milliseconds += (text[0] - '0') * unit;
        }
    }
    int hours = 0, minutes = 0;
    if (text != "Z" && text != "z") {
        const std::string zone(text);
        if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') ||
            std::sscanf(zone.c_str() + 1, "%2d:%2d", &hours, &minutes) != 2 || hours > 23 || minutes > 59) {
            return std::nullopt;
        }
        hours *= zone[0] == '-' ? -1 : 1;
        minutes *= zone[0] == '-' ? -1 : 1;
    }
    parts.tm_year = year - 1900;
    parts.tm_mon -= 1;
    const std::tm asked = parts;
    const std::time_t seconds = timegm(&parts); // which would make a March 2 of February 30
    if (parts.tm_mon != asked.tm_mon || parts.tm_mday != asked.tm_mday || parts.tm_hour != asked.tm_hour ||
        parts.tm_min != asked.tm_min || parts.tm_sec != asked.tm_sec) {
        return std::nullopt;
    }
    return (seconds - hours * 3600 - minutes * 60) * 1000 + milliseconds;
}

std::optional<ScanWords> plain_scan(std::string_view json) {
    return PlainScan(json).read();
}

std::variant<Scan, Problem> parse_scan(std::string_view text, Language language, ScanKind kind) {
    if (kind == ScanKind::scan) {
        if (const auto plain = plain_scan(text)) {
            Scan scan;
            scan.code = plain->code;
            scan.direction = plain->direction;
            scan.nonce = plain->nonce;
            scan.gate = plain->gate;
            return scan;
        }
    }
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
    return ScanReader(json.get(), language, kind).read();
}

Problem unknown_gate(Language language) {
    return {.status = 422,
            .errors = {{"gate", std::string(fault_code(FieldFault::not_in_list)),
                        std::string(fault_message(FieldFault::not_in_list, language))}}};
}

} // namespace mogiri::module
