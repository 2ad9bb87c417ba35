// Checks what was typed into a form, field by field.
#include "form.hpp"

#include "plain_text.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

namespace mogiri {

namespace {

struct FaultText {
    FieldFault fault;
    std::string_view code, ja, en;
};

constexpr FaultText fault_texts[] = {
    {FieldFault::missing, "missing", "入力してください。", "Please fill this in."},
    {FieldFault::too_long, "too_long", "文字数が多すぎます。", "This is too long."},
    {FieldFault::too_short, "too_short", "文字数が足りません。", "This is too short."},
    {FieldFault::invalid_encoding, "invalid_encoding", "文字コードが正しくありません(UTF-8)。",
     "This is not valid UTF-8 text."},
    {FieldFault::control_character, "control_character", "使用できない制御文字が含まれています。",
     "This contains a control character."},
    {FieldFault::invalid_format, "invalid_format", "形式が正しくありません。",
     "This is not in the expected format."},
    {FieldFault::not_in_list, "not_in_list", "選択肢から選んでください。",
     "Please choose one of the options."},
    {FieldFault::out_of_range, "out_of_range", "範囲外の値です。", "This number is out of range."},
    {FieldFault::mismatch, "mismatch", "確認用の入力と一致しません。", "The two entries differ."},
    {FieldFault::wrong_domain, "wrong_domain", "このアドレスからは申し込めません。",
     "Addresses of this domain cannot apply here."},
    {FieldFault::too_many_guests, "too_many_guests", "枚数よりも多くの来場者名が入力されています。",
     "There are more guest names than tickets."},
    {FieldFault::unknown_field, "unknown_field", "この項目はありません。", "This form has no such field."},
    {FieldFault::not_a_string, "not_a_string", "文字列で指定してください。", "The value must be a string."},
};

const FaultText& text_of(FieldFault fault) {
    return *std::find_if(std::begin(fault_texts), std::end(fault_texts),
                         [&](const FaultText& text) { return text.fault == fault; });
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || text.starts_with('-'))
        return std::nullopt;
    return value;
}

std::string with_lower_domain(std::string_view email) {
    std::string result(email);
    for (std::size_t i = email.rfind('@'); i < result.size(); ++i)
        if (result[i] >= 'A' && result[i] <= 'Z')
            result[i] = static_cast<char>(result[i] - 'A' + 'a');
    return result;
}

// One run over one form's values.
class Check {
  public:
    Check(const Form& form, const FormValues& values, Confirmations confirmations)
        : form_(form), values_(values), confirmations_(confirmations) {}

    std::variant<CheckedForm, std::vector<FieldError>> run() {
        for (const FormField& field : form_.fields)
            if (field.type != FieldType::guests)
                check_field(field);
        if (const FormField* guests = form_.field_of(FieldType::guests))
            check_guests(*guests);
        for (const auto& [name, value] : values_)
            if (!known_.contains(name))
                refuse(name, FieldFault::unknown_field);
        if (!errors_.empty())
            return std::move(errors_);
        checked_.applicant = filled_pattern(form_, form_.applicant, checked_.fields);
        return std::move(checked_);
    }

  private:
    void refuse(std::string_view field, FieldFault fault) {
        if (errors_.size() < most_field_errors)
            errors_.push_back({std::string(field), fault});
    }

    // The trimmed text of a field, or nothing with the error noted (none for an absent optional one).
    std::optional<std::string> text_of_field(const std::string& name, bool required, bool lines = false) {
        known_.insert(name);
        const auto found = values_.find(name);
        std::string text(found == values_.end() ? std::string_view() : trimmed(found->second));
        if (lines)
            std::erase(text, '\r'); // browsers end lines with CR LF
        if (!is_valid_utf8(text))
            refuse(name, FieldFault::invalid_encoding);
        else if (has_control_character(text, lines))
            refuse(name, FieldFault::control_character);
        else if (!is_invisible(text))
            return text;
        else if (required)
            refuse(name, FieldFault::missing);
        return std::nullopt;
    }

    bool length_fits(const FormField& field, const std::string& name, std::string_view text) {
        const std::int64_t length = characters(text);
        if (length > field.max)
            refuse(name, FieldFault::too_long);
        else if (length < field.min)
            refuse(name, FieldFault::too_short);
        return length >= field.min && length <= field.max;
    }

    static bool shape_fits(const FormField& field, std::string_view text) {
        return (field.type != FieldType::roman || is_roman_name(text)) &&
               (field.type != FieldType::kana || is_kana_name(text)) &&
               (!field.pattern || field.pattern->matches(text));
    }

    // What only fits once its full-width characters are folded is kept folded; what fits stays as it is.
    void check_field(const FormField& field) {
        std::optional<std::string> value =
            text_of_field(field.name, field.required, field.type == FieldType::note);
        if (field.confirm)
            check_confirmation(field, value);
        if (!value)
            return;
        switch (field.type) {
        case FieldType::roman:
        case FieldType::kana:
        case FieldType::text:
        case FieldType::note:
            if (!length_fits(field, field.name, *value))
                return;
            if (!shape_fits(field, *value))
                value = folded(*value);
            if (!shape_fits(field, *value))
                return refuse(field.name, FieldFault::invalid_format);
            break;
        case FieldType::consent:
            if (*value != consent_given)
                return refuse(field.name, FieldFault::not_in_list);
            break;
        case FieldType::email:
            if (value->size() > 254)
                return refuse(field.name, FieldFault::too_long);
            value = folded(*value);
            if (!address_is_acceptable(*value))
                return refuse(field.name, FieldFault::invalid_format);
            if (!domain_is_allowed(form_, *value))
                return refuse(field.name, FieldFault::wrong_domain);
            value = checked_.email = with_lower_domain(*value);
            break;
        case FieldType::choice:
            if (!is_offered(field, *value))
                value = folded(*value);
            if (!is_offered(field, *value))
                return refuse(field.name, FieldFault::not_in_list);
            break;
        case FieldType::number:
        case FieldType::quantity: {
            const auto number = whole_number(folded(*value));
            if (!number)
                return refuse(field.name, FieldFault::invalid_format);
            if (*number < field.min || *number > field.max)
                return refuse(field.name, FieldFault::out_of_range);
            if (field.type == FieldType::quantity)
                quantity_ = *number;
            value = std::to_string(*number);
            break;
        }
        case FieldType::guests:
            return;
        }
        checked_.fields[field.name] = *value;
    }

    // Whether the choice is there, and goes with what was chosen before it; where that is wrong itself, it
    // alone is complained about.
    bool is_offered(const FormField& field, const std::string& value) const {
        const auto on = checked_.fields.find(field.depends_on);
        return std::any_of(field.choices.begin(), field.choices.end(), [&](const Choice& choice) {
            return choice.value == value &&
                   (choice.when.empty() || on == checked_.fields.end() ||
                    std::find(choice.when.begin(), choice.when.end(), on->second) != choice.when.end());
        });
    }

    void check_confirmation(const FormField& field, const std::optional<std::string>& value) {
        const std::string name = field.name + "_confirm";
        if (confirmations_ == Confirmations::optional && !values_.contains(name)) {
            known_.insert(name);
            return;
        }
        const auto confirmation = text_of_field(name, field.required);
        if (confirmation && value && folded(*confirmation) != folded(*value))
            refuse(name, FieldFault::mismatch);
    }

    // guestName1 … guestNameN, as many as tickets; an empty row beyond them is no error.
    void check_guests(const FormField& field) {
        const std::int64_t rows = form_.field_of(FieldType::quantity)->max;
        for (std::int64_t i = 1; i <= rows; ++i) {
            const std::string name = std::string(guest_name_prefix) + std::to_string(i);
            if (quantity_ && i > *quantity_) {
                if (text_of_field(name, false))
                    refuse(name, FieldFault::too_many_guests);
                continue;
            }
            const auto guest = text_of_field(name, quantity_.has_value());
            if (guest && length_fits(field, name, *guest))
                checked_.guests.push_back(*guest);
        }
        for (const auto& [name, value] : values_)
            if (!known_.contains(name) && name.starts_with(guest_name_prefix) &&
                whole_number(std::string_view(name).substr(guest_name_prefix.size())).value_or(0) > rows) {
                known_.insert(name);
                refuse(name, FieldFault::too_many_guests);
            }
    }

    const Form& form_;
    const FormValues& values_;
    Confirmations confirmations_;
    CheckedForm checked_;
    std::vector<FieldError> errors_;
    std::set<std::string, std::less<>> known_;
    std::optional<std::int64_t> quantity_;
};

} // namespace

std::string_view fault_code(FieldFault fault) {
    return text_of(fault).code;
}

std::string_view fault_message(FieldFault fault, Language language) {
    return language == Language::ja ? text_of(fault).ja : text_of(fault).en;
}

std::variant<CheckedForm, std::vector<FieldError>> check_form(const Form& form, const FormValues& values,
                                                              Confirmations confirmations) {
    return Check(form, values, confirmations).run();
}

std::string filled_pattern(const Form& form, const std::string& pattern,
                           const std::map<std::string, std::string>& fields) {
    std::string filled;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '{') {
            filled += pattern[i];
            continue;
        }
        const auto close = pattern.find('}', i);
        const std::string place = pattern.substr(i + 1, close - i - 1);
        const auto colon = place.find(':');
        const std::string name = place.substr(0, colon);
        const auto found = fields.find(name);
        std::string value = found == fields.end() ? "" : found->second;
        const std::string rule = colon == std::string::npos ? "" : place.substr(colon + 1);
        if (form.field(name)->type == FieldType::email)
            value = normalized_address(value); // however it is spelt, it is one applicant
        if (rule == "02" && value.size() < 2)
            value = "0" + value;
        if (rule == "local")
            value = value.substr(0, value.rfind('@'));
        filled += value;
        i = close;
    }
    return filled;
}

std::string roster_group(const Form& form, const std::map<std::string, std::string>& fields) {
    std::string group;
    if (form.roster)
        for (const std::string& name : form.roster->group)
            if (const auto found = fields.find(name); found != fields.end())
                group += found->second;
    return group;
}

bool roster_has(const Form& form, const std::map<std::string, std::string>& fields) {
    if (!form.roster || form.roster->list)
        return true;
    const auto size = form.roster->sizes.find(roster_group(form, fields));
    const auto found = fields.find(form.roster->number);
    const auto number = whole_number(found == fields.end() ? std::string() : found->second);
    return size != form.roster->sizes.end() && number && *number >= 1 && *number <= size->second;
}

std::variant<std::string, FieldFault> check_guest_name(const FormField& guests, std::string_view typed) {
    const std::string_view name = trimmed(typed);
    if (!is_valid_utf8(name))
        return FieldFault::invalid_encoding;
    if (has_control_character(name))
        return FieldFault::control_character;
    if (is_invisible(name))
        return FieldFault::missing;
    if (characters(name) < guests.min)
        return FieldFault::too_short;
    if (characters(name) > guests.max)
        return FieldFault::too_long;
    return std::string(name);
}

} // namespace mogiri
