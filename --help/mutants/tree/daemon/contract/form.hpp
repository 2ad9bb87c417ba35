// The rules of an application form: what was typed becomes an application, or a list of what is wrong with
// it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event_settings.hpp"

namespace mogiri {

enum class FieldFault {
    missing,
    too_long,
    too_short,
    invalid_encoding,
    control_character,
    invalid_format,
    not_in_list,
    out_of_range,
    mismatch,
    wrong_domain,
    too_many_guests,
    unknown_field,
    not_a_string,
};

std::string_view fault_code(FieldFault fault);
std::string_view fault_message(FieldFault fault, Language language);

struct FieldError {
    std::string field;
    FieldFault fault;
};

// Guests are sent as "guestName1" … "guestNameN", whatever their field is called.
inline constexpr std::string_view guest_name_prefix = "guestName";

// What the box of a field of type consent sends when it is ticked.
inline constexpr std::string_view consent_given = "yes";

// Values as they came, by field name.
using FormValues = std::map<std::string, std::string, std::less<>>;

// White space at the ends is gone, e-mail domains are lower case, numbers have no leading zeros; full-width
// letters, digits and signs are folded where a field wants others: ２３ is 23, names stay as they are.
struct CheckedForm {
    std::string applicant; // "S2E12"
    std::string email;
    std::map<std::string, std::string> fields; // without confirmations and guests
    std::vector<std::string> guests;           // one per ticket
};

inline constexpr std::size_t most_field_errors = 50;

// `confirmations`: whether "<email>_confirm" must be there (typed by people) or is only checked when present.
enum class Confirmations { required, optional };

// At most most_field_errors errors, in the order of the form's fields, unknown fields last.
std::variant<CheckedForm, std::vector<FieldError>> check_form(const Form& form, const FormValues& values,
                                                              Confirmations confirmations);

// One guest's name, trimmed, by the rules of a form's field of guests; or what is wrong with it.
std::variant<std::string, FieldFault> check_guest_name(const FormField& guests, std::string_view typed);

// The key by which one address is one applicant: full-width forms folded, lower case, without a plus tag.
std::string normalized_address(std::string_view email);

// Letters of local part and domain as RFC 5321 allows, and the old shapes that Japanese carriers gave out
// (dots doubled or before the @); never control characters, blanks, '<' or '>'. At most 254 bytes.
bool address_is_acceptable(std::string_view email);

// Whether the form takes applications from this address: from its domains, or theirs below.
bool domain_is_allowed(const Form& form, std::string_view email);

// What a pattern such as Form::applicant names with these fields.
std::string filled_pattern(const Form& form, const std::string& pattern,
                           const std::map<std::string, std::string>& fields);

// The group that the form's roster by sizes counts the student to, such as "S2E"; empty where it has none.
std::string roster_group(const Form& form, const std::map<std::string, std::string>& fields);

// Whether the student exists by the sizes of the form's roster; true where the form has none.
bool roster_has(const Form& form, const std::map<std::string, std::string>& fields);

} // namespace mogiri
