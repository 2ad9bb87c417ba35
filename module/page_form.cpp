// Turns a form's fields, values and errors into the data of the form and confirmation pages.
#include "page_form.hpp"

#include <algorithm>
#include <charconv>

namespace mogiri::module {
namespace {

// Few choices are shown at once, more in a list.
constexpr std::size_t most_pills = 4;
constexpr std::int64_t most_listed_numbers = 50;

std::string target_of(std::string_view field) {
    return std::string("f-").append(field);
}

std::string value_of(const FormValues& values, std::string_view name) {
    const auto found = values.find(name);
    return found == values.end() ? "" : found->second;
}

// What browsers may fill in by themselves (WCAG 1.3.5).
std::string_view purpose_of(const FormField& field) {
    if (field.type == FieldType::email) {
        return "email";
    }
    return field.name == "last_name" ? "family-name" : field.name == "first_name" ? "given-name" : "";
}

struct FormView {
    const PageWords& words;
    Language language;
    const FormPage& page;

    std::string error_of(std::string_view name) const {
        const auto found = std::find_if(page.errors.begin(), page.errors.end(),
                                        [name](const FieldError& error) { return error.field == name; });
        return found == page.errors.end() ? "" : fault_in_words(words, language, page.form, *found);
    }

    // The parts that every field has.
    PageData field(const FormField& field, const std::string& name, const std::string& label, const std::string& hint,
                   std::string_view width) const {
        PageData data;
        const std::string id = target_of(name);
        const std::string error = error_of(name);
        put(data, "id", id);
        put(data, "name", name);
        put(data, "label", label);
        put(data, "hint", hint);
        put(data, "error", error);
        put(data, "invalid", error);
        put(data, "width", width);
        put(data, "described",
            hint.empty() ? (error.empty() ? "" : id + "-error") : id + "-hint" + (error.empty() ? "" : " " + id + "-error"));
        data["required"] = PageData(field.required);
        data["optional"] = PageData(!field.required);
        for (const auto key : {"is_guests", "is_quantity", "is_radio", "is_select", "is_input", "placeholder"}) {
            data[key] = PageData(false);
        }
        return data;
    }

    PageData input(const FormField& field_, const std::string& name, const std::string& label, const std::string& hint) const {
        const bool number = field_.type == FieldType::number || field_.type == FieldType::quantity;
        const bool email = field_.type == FieldType::email;
        PageData data = field(field_, name, label, hint,
                              number ? "third" : field_.type == FieldType::roman ? "half" : "whole");
        data["is_input"] = PageData(true);
        put(data, "type", email ? "email" : "text");
        put(data, "value", value_of(page.values, name));
        put(data, "inputmode", number ? "numeric" : email ? "email" : "");
        put(data, "autocomplete", purpose_of(field_));
        put(data, "maxlength", number ? "" : email ? "254" : std::to_string(field_.max));
        data["latin"] = PageData(field_.type == FieldType::roman);
        return data;
    }

    struct Option {
        std::string value, label;
    };

    PageData options(const FormField& field_, const std::string& hint, const std::vector<Option>& options,
                     const std::string& chosen) const {
        const bool pills = options.size() <= most_pills;
        PageData data = field(field_, field_.name, field_.label.in(language), hint, pills ? "whole" : "third");
        data[pills ? "is_radio" : "is_select"] = PageData(true);
        PageData list(PageData::type::list);
        for (const auto& option : options) {
            PageData one;
            put(one, "value", option.value);
            put(one, "label", option.label);
            one["chosen"] = PageData(option.value == chosen);
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
            list.push_back({choice.value, choice.label.in(language)});
        }
        return options(field_, field_.help.in(language), list, value_of(page.values, field_.name));
    }

    PageData quantity(const FormField& field_) const {
        PageData data;
        if (field_.max - field_.min < most_listed_numbers) {
            std::vector<Option> list;
            for (auto n = field_.min; n <= field_.max; ++n) {
                list.push_back({std::to_string(n), words.filled("tickets_value", {{"n", std::to_string(n)}})});
            }
            const std::string typed = value_of(page.values, field_.name);
            data = options(field_, field_.help.in(language), list, typed.empty() ? list.front().value : typed);
        } else {
            data = input(field_, field_.name, field_.label.in(language), field_.help.in(language));
        }
        data["is_quantity"] = PageData(true);
        return data;
    }

    PageData guests(const FormField& field_) const {
        const FormField* quantity = page.form.field_of(FieldType::quantity);
        const auto least = quantity != nullptr ? quantity->min : 1;
        const auto most = quantity != nullptr ? std::min(quantity->max, most_listed_numbers) : 1;
        PageData data = field(field_, field_.name, field_.label.in(language),
                              field_.help.in(language).empty() ? words["guests_hint"] : field_.help.in(language), "whole");
        data["is_guests"] = PageData(true);
        PageData list(PageData::type::list);
        for (std::int64_t n = 1; n <= most; ++n) {
            const std::string name = field_.name + std::to_string(n);
            PageData one;
            put(one, "id", target_of(name));
            put(one, "name", name);
            put(one, "label", words.filled("guest", {{"n", std::to_string(n)}}));
            put(one, "value", value_of(page.values, name));
            put(one, "error", error_of(name));
            put(one, "maxlength", std::to_string(field_.max));
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
                                 help.empty() ? words.filled("number_hint", {{"min", std::to_string(field_.min)},
                                                                             {"max", std::to_string(field_.max)}})
                                              : help));
            break;
        case FieldType::text:
            list.push_back(input(field_, field_.name, label, help));
            break;
        case FieldType::email:
            list.push_back(input(field_, field_.name, label, help));
            if (field_.confirm) {
                list.push_back(input(field_, field_.name + "_confirm", words.filled("confirm_again", {{"label", label}}),
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

void put_notice(PageData& data, const Notice& notice, PageData errors) {
    PageData shown;
    put(shown, "heading", notice.heading);
    put(shown, "text", notice.text);
    shown["has_errors"] = PageData(errors.is_non_empty_list());
    shown["errors"] = std::move(errors);
    shown["link"] = PageData(false);
    if (!notice.href.empty()) {
        PageData link;
        put(link, "href", notice.href);
        put(link, "label", notice.label);
        shown["link"] = std::move(link);
    }
    data["notice"] = std::move(shown);
    data["errors_title"] = PageData(true);
}

struct FieldPlace {
    const FormField* field = nullptr;
    std::string label;
    bool confirmation = false;
};

// The field that a name on the page belongs to: its own, its confirmation's, or a guest's.
FieldPlace place_of(const PageWords& words, Language language, const Form& form, std::string_view name) {
    if (const FormField* field = form.field(name)) {
        return {field, field->label.in(language)};
    }
    for (const auto& field : form.fields) {
        if (name.size() <= field.name.size() || !name.starts_with(field.name)) {
            continue;
        }
        const auto rest = name.substr(field.name.size());
        if (field.type == FieldType::email && rest == "_confirm") {
            return {&field, words.filled("confirm_again", {{"label", field.label.in(language)}}), true};
        }
        int n = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), n);
        if (field.type == FieldType::guests && error == std::errc{} && end == rest.data() + rest.size()) {
            return {&field, words.filled("guest_of", {{"label", field.label.in(language)}, {"n", rest}})};
        }
    }
    return {};
}

void put_hidden(PageData& list, const std::string& name, const std::string& value) {
    PageData one;
    put(one, "name", name);
    put(one, "value", value);
    list.push_back(one);
}

}  // namespace

std::string fault_in_words(const PageWords& words, Language language, const Form& form, const FieldError& error) {
    const FieldPlace place = place_of(words, language, form, error.field);
    std::string key = "fault_" + std::string(fault_code(error.fault));
    if (place.field == nullptr) {
        return words["fault_unknown_field"];
    }
    const FieldType type = place.field->type;
    if (error.fault == FieldFault::missing && (type == FieldType::choice || type == FieldType::quantity)) {
        key += "_choice";
    } else if (error.fault == FieldFault::invalid_format && type == FieldType::roman) {
        key += "_roman";
    } else if (error.fault == FieldFault::invalid_format && type == FieldType::email) {
        key += "_email";
    }
    return words.filled(key, {{"label", place.label},
                              {"min", std::to_string(place.field->min)},
                              {"max", std::to_string(type == FieldType::email ? 254 : place.field->max)}});
}

std::string form_page(PageBook& book, const PageFrame& frame, const FormPage& page) {
    const PageWords& words = book.words(frame.language);
    const std::string action = frame.link("/apply/" + page.form.id);
    PageData data = page_data(frame, page.form.name.in(frame.language), TongueButtons{action});
    put_steps(data, words, Step::form);
    put(data, "intro", page.form.intro.in(frame.language));
    put(data, "action", action);
    put(data, "form", page.form.id);
    put(data, "token", page.token);
    const FormView view{words, frame.language, page};
    PageData fields(PageData::type::list);
    for (const auto& field : page.form.fields) {
        view.add(fields, field);
    }
    data["fields"] = std::move(fields);

    PageData errors(PageData::type::list);
    for (const auto& error : page.errors) {
        PageData one;
        const FieldPlace place = place_of(words, frame.language, page.form, error.field);
        put(one, "target", place.field != nullptr ? target_of(error.field) : "");
        put(one, "text", fault_in_words(words, frame.language, page.form, error));
        errors.push_back(one);
    }
    if (page.notice || errors.is_non_empty_list()) {
        put_notice(data, page.notice ? *page.notice : Notice{words["check_title"], "", "", ""}, std::move(errors));
    }
    return book.fill(Page::form, frame.language, data);
}

std::string confirm_page(PageBook& book, const PageFrame& frame, const ConfirmPage& page) {
    const Language language = frame.language;
    const PageWords& words = book.words(language);
    const std::string back = frame.link("/apply/" + page.form.id);
    PageData data = page_data(frame, words["confirm_title"], TongueButtons{back});
    put_steps(data, words, Step::confirm);
    put(data, "intro", page.notice ? "" : words["confirm_intro"]);
    put(data, "action", frame.base + "/api/v1/apply");
    put(data, "back_action", back);

    PageData hidden(PageData::type::list);
    put_hidden(hidden, "step", "confirm");
    put_hidden(hidden, "form", page.form.id);
    put_hidden(hidden, "token", page.token);
    put_hidden(hidden, "lang", std::string(language_tag(language)));
    for (const auto& [name, value] : page.values) {
        put_hidden(hidden, name, value);
    }
    data["hidden"] = std::move(hidden);

    PageData answers(PageData::type::list);
    const auto add = [&answers](const std::string& label, const std::string& value) {
        PageData one;
        put(one, "label", label);
        put(one, "value", value);
        answers.push_back(one);
    };
    for (const auto& field : page.form.fields) {
        const std::string& label = field.label.in(language);
        if (field.type == FieldType::guests) {
            for (std::size_t n = 0; n < page.checked.guests.size(); ++n) {
                add(words.filled("guest_of", {{"label", label}, {"n", std::to_string(n + 1)}}), page.checked.guests[n]);
            }
            continue;
        }
        const auto found = page.checked.fields.find(field.name);
        if (found == page.checked.fields.end()) {
            continue;
        }
        std::string value = found->second;
        if (field.type == FieldType::quantity) {
            value = words.filled("tickets_value", {{"n", value}});
        }
        for (const auto& choice : field.choices) {
            if (field.type == FieldType::choice && choice.value == found->second) {
                value = choice.label.in(language);
            }
        }
        add(label, value);
    }
    data["answers"] = std::move(answers);
    if (page.notice) {
        put_notice(data, *page.notice, PageData(PageData::type::list));
    }
    return book.fill(Page::confirm, language, data);
}

}  // namespace mogiri::module
