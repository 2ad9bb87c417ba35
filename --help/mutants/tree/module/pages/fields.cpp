// Turns a form's fields, values and errors into what the templates show.
#include "pages/fields.hpp"

#include <algorithm>

#include "daemon/contract/plain_text.hpp"

namespace mogiri::module {
namespace {

// The element's id: where an error's link leads.
std::string target_of(std::string_view field) {
    return std::string("f-").append(field);
}

// Few choices are shown at once, more in a list.
constexpr std::size_t most_pills = 4;
constexpr std::int64_t most_listed_numbers = 50;

// What was typed; a page cannot repeat what is no text.
std::string value_of(const FormValues& values, std::string_view name) {
    const auto found = values.find(name);
    return found == values.end() || !is_valid_utf8(found->second) ? "" : found->second;
}

// What browsers may fill in by themselves (WCAG 1.3.5).
std::string_view purpose_of(const FormField& field) {
    if (field.type == FieldType::email) {
        return "email";
    }
    return field.name == "last_name" ? "family-name" : field.name == "first_name" ? "given-name" : "";
}

struct FieldsView {
    const PageWords& words;
    Language language;
    const Form& form;
    const FormValues& values;
    const std::vector<FieldError>& errors;

    std::string error_of(std::string_view name) const {
        const auto found = std::find_if(errors.begin(), errors.end(),
                                        [name](const FieldError& error) { return error.field == name; });
        return found == errors.end() ? "" : fault_in_words(words, language, form, *found);
    }

    // For form.js: what it says, in the words that the server would use.
    void put_complaints(PageData& data, const FormField& field, const std::string& name) const {
        const auto in_words = [&](FieldFault fault) {
            return fault_in_words(words, language, form, {name, fault});
        };
        const bool number = field.type == FieldType::number || field.type == FieldType::quantity;
        put(data, "say_missing", in_words(FieldFault::missing));
        put(data, "say_format", in_words(FieldFault::invalid_format));
        put(data, "say_short", field.min > 1 && !number ? in_words(FieldFault::too_short) : "");
        put(data, "say_range", number ? in_words(FieldFault::out_of_range) : "");
        put(data, "say_mismatch", name != field.name ? in_words(FieldFault::mismatch) : "");
        put(data, "same", name != field.name ? field.name : "");
        put(data, "min", number ? std::to_string(field.min) : "");
        put(data, "max", number ? std::to_string(field.max) : "");
        put(data, "minlength", field.min > 1 && !number ? std::to_string(field.min) : "");
    }

    // The parts that every field has.
    PageData field(const FormField& field, const std::string& name, const std::string& label,
                   const std::string& hint, std::string_view width) const {
        PageData data;
        const std::string id = target_of(name);
        const std::string error = error_of(name);
        put(data, "id", id);
        put(data, "name", name);
        put(data, "label", label);
        put(data, "hint", hint);
        put(data, "error", error);
        put(data, "width", width);
        put(data, "described",
            hint.empty() ? (error.empty() ? "" : id + "-error")
                         : id + "-hint" + (error.empty() ? "" : " " + id + "-error"));
        put_complaints(data, field, name);
        data["required"] = PageData(field.required);
        data["optional"] = PageData(!field.required);
        for (const auto key : {"is_guests", "is_quantity", "is_radio", "is_select", "is_input", "is_note",
                               "is_consent", "placeholder", "depends_on", "pattern"}) {
            data[key] = PageData(false);
        }
        return data;
    }

    PageData input(const FormField& field_, const std::string& name, const std::string& label,
                   const std::string& hint) const {
        const bool number = field_.type == FieldType::number || field_.type == FieldType::quantity;
        const bool email = field_.type == FieldType::email;
        PageData data = field(field_, name, label, hint,
                              number                                                              ? "third"
                              : field_.type == FieldType::roman || field_.type == FieldType::kana ? "half"
                                                                                                  : "whole");
        data["is_input"] = PageData(true);
        put(data, "type", email ? "email" : "text");
        put(data, "value", value_of(values, name));
        put(data, "inputmode", number ? "numeric" : email ? "email" : "");
        put(data, "autocomplete", purpose_of(field_));
        put(data, "maxlength", number ? "" : email ? "254" : std::to_string(field_.max));
        data["latin"] = PageData(field_.type == FieldType::roman);
        put(data, "pattern",
            field_.pattern                    ? field_.pattern->expression()
            : field_.type == FieldType::roman ? R"([A-Za-z .'\-]+)"
            : field_.type == FieldType::kana  ? R"([ \u3000\u3041-\u3096\u309d\u309e\u30a1-\u30fe]+)"
                                              : "");
        return data;
    }

    PageData note(const FormField& field_) const {
        PageData data =
            field(field_, field_.name, field_.label.in(language), field_.help.in(language), "whole");
        data["is_note"] = PageData(true);
        put(data, "value", value_of(values, field_.name));
        put(data, "maxlength", std::to_string(field_.max));
        return data;
    }

    PageData consent(const FormField& field_) const {
        PageData data =
            field(field_, field_.name, field_.label.in(language), field_.help.in(language), "whole");
        data["is_consent"] = PageData(true);
        put(data, "value", consent_given);
        data["chosen"] = PageData(value_of(values, field_.name) == consent_given);
        return data;
    }

    struct Option {
        std::string value, label;
        std::string when = {}; // the values, with blanks between, that the field it depends on must have
    };

    PageData options(const FormField& field_, const std::string& hint, const std::vector<Option>& options,
                     const std::string& chosen) const {
        const bool pills = options.size() <= most_pills;
        PageData data =
            field(field_, field_.name, field_.label.in(language), hint, pills ? "whole" : "third");
        data[pills ? "is_radio" : "is_select"] = PageData(true);
        PageData list(PageData::type::list);
        for (const auto& option : options) {
            PageData one;
            put(one, "value", option.value);
            put(one, "label", option.label);
            one["chosen"] = PageData(option.value == chosen);
            put(one, "when", option.when);
            list.push_back(one);
        }
        data["options"] = std::move(list);
        if (!pills) {
            put(data, "placeholder", words["choose"]);
        }
        return data;
    }

    PageData choice(const FormField& field_) const {
        std::vector<Option> list;
        for (const auto& choice : field_.choices) {
            std::string when;
            for (const auto& value : choice.when) {
                when += (when.empty() ? "" : " ") + value;
            }
            list.push_back({choice.value, choice.label.in(language), when});
        }
        PageData data = options(field_, field_.help.in(language), list, value_of(values, field_.name));
        put(data, "depends_on", field_.depends_on);
        return data;
    }

    PageData quantity(const FormField& field_) const {
        PageData data;
        if (field_.max - field_.min < most_listed_numbers) {
            std::vector<Option> list;
            for (auto n = field_.min; n <= field_.max; ++n) {
                list.push_back(
                    {std::to_string(n), words.filled("tickets_value", {{"n", std::to_string(n)}})});
            }
            const std::string typed = value_of(values, field_.name);
            data =
                options(field_, field_.help.in(language), list, typed.empty() ? list.front().value : typed);
        } else {
            data = input(field_, field_.name, field_.label.in(language), field_.help.in(language));
        }
        data["is_quantity"] = PageData(true);
        return data;
    }

    PageData guests(const FormField& field_) const {
        const FormField* quantity = form.field_of(FieldType::quantity);
        const auto least = quantity != nullptr ? quantity->min : 1;
        const auto most = quantity != nullptr ? std::min(quantity->max, most_listed_numbers) : 1;
        PageData data = field(
            field_, field_.name, field_.label.in(language),
            field_.help.in(language).empty() ? words["guests_hint"] : field_.help.in(language), "whole");
        data["is_guests"] = PageData(true);
        PageData list(PageData::type::list);
        for (std::int64_t n = 1; n <= most; ++n) {
            const std::string name = std::string(guest_name_prefix).append(std::to_string(n));
            PageData one;
            put(one, "id", target_of(name));
            put(one, "name", name);
            put(one, "label", words.filled("guest", {{"n", std::to_string(n)}}));
            put(one, "value", value_of(values, name));
            put(one, "error", error_of(name));
            put(one, "maxlength", std::to_string(field_.max));
            put(one, "say_missing", fault_in_words(words, language, form, {name, FieldFault::missing}));
            one["required"] = PageData(field_.required && n <= least);
            list.push_back(one);
        }
        data["guests"] = std::move(list);
        return data;
    }

    void add(PageData& list, const FormField& field_) const {
        const std::string& label = field_.label.in(language);
        const std::string& help = field_.help.in(language);
        switch (field_.type) {
        case FieldType::roman:
            list.push_back(input(field_, field_.name, label, help.empty() ? words["roman_hint"] : help));
            break;
        case FieldType::number:
            list.push_back(input(field_, field_.name, label,
                                 help.empty()
                                     ? words.filled("number_hint", {{"min", std::to_string(field_.min)},
                                                                    {"max", std::to_string(field_.max)}})
                                     : help));
            break;
        case FieldType::kana:
            list.push_back(input(field_, field_.name, label, help.empty() ? words["kana_hint"] : help));
            break;
        case FieldType::text:
            list.push_back(input(field_, field_.name, label, help));
            break;
        case FieldType::note:
            list.push_back(note(field_));
            break;
        case FieldType::consent:
            list.push_back(consent(field_));
            break;
        case FieldType::email:
            list.push_back(input(field_, field_.name, label, help));
            if (field_.confirm) {
                list.push_back(input(field_, field_.name + "_confirm",
                                     words.filled("confirm_again", {{"label", label}}),
                                     words["confirm_hint"]));
            }
            break;
        case FieldType::choice:
            list.push_back(choice(field_));
            break;
        case FieldType::quantity:
            list.push_back(quantity(field_));
            break;
        case FieldType::guests:
            list.push_back(guests(field_));
            break;
        }
    }
};

struct FieldPlace {
    const FormField* field = nullptr;
    std::string label;
};

// A guest's number, of "guestName3".
std::optional<std::string_view> guest_number(std::string_view name) {
    if (!name.starts_with(guest_name_prefix)) {
        return std::nullopt;
    }
    const auto digits = name.substr(guest_name_prefix.size());
    const bool is_number =
        !digits.empty() && digits.size() < 6 && digits.find_first_not_of("0123456789") == digits.npos;
    return is_number ? std::optional(digits) : std::nullopt;
}

// The field that a name on the page belongs to: its own, its confirmation's, or a guest's.
FieldPlace place_of(const PageWords& words, Language language, const Form& form, std::string_view name) {
    if (const FormField* field = form.field(name)) {
        return {field, field->label.in(language)};
    }
    for (const auto& field : form.fields) {
        const std::string& label = field.label.in(language);
        if (field.confirm && name == field.name + "_confirm") {
            return {&field, words.filled("confirm_again", {{"label", label}})};
        }
        const auto number = guest_number(name);
        if (field.type == FieldType::guests && number) {
            return {&field, words.filled("guest_of", {{"label", label}, {"n", *number}})};
        }
    }
    return {};
}

} // namespace

std::string fault_in_words(const PageWords& words, Language language, const Form& form,
                           const FieldError& error) {
    const FieldPlace place = place_of(words, language, form, error.field);
    std::string key = "fault_" + std::string(fault_code(error.fault));
    if (place.field == nullptr) {
        return words["fault_unknown_field"];
    }
    const FieldType type = place.field->type;
    if (error.fault == FieldFault::missing && (type == FieldType::choice || type == FieldType::quantity)) {
        key += "_choice";
    } else if (error.fault == FieldFault::missing && type == FieldType::consent) {
        key += "_consent";
    } else if (error.fault == FieldFault::invalid_format && type == FieldType::kana) {
        key += "_kana";
    } else if (error.fault == FieldFault::invalid_format && type == FieldType::roman) {
        key += "_roman";
    } else if (error.fault == FieldFault::invalid_format && type == FieldType::email) {
        key += "_email";
    }
    return words.filled(key, {{"label", place.label},
                              {"min", std::to_string(place.field->min)},
                              {"max", std::to_string(type == FieldType::email ? 254 : place.field->max)}});
}

PageData fields_data(const PageWords& words, Language language, const Form& form, const FormValues& values,
                     const std::vector<FieldError>& errors) {
    const FieldsView view{words, language, form, values, errors};
    PageData list(PageData::type::list);
    for (const auto& field : form.fields) {
        view.add(list, field);
    }
    return list;
}

PageData errors_data(const PageWords& words, Language language, const Form& form,
                     const std::vector<FieldError>& errors) {
    PageData list(PageData::type::list);
    for (const auto& error : errors) {
        PageData one;
        const bool on_page = place_of(words, language, form, error.field).field != nullptr;
        put(one, "target", on_page ? target_of(error.field) : "");
        put(one, "text", fault_in_words(words, language, form, error));
        list.push_back(one);
    }
    return list;
}

} // namespace mogiri::module
