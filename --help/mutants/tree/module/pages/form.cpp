// Fills the form and the confirmation page.
#include "pages/form.hpp"

#include "pages/fields.hpp"

namespace mogiri::module {
namespace {

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

void put_hidden(PageData& list, const std::string& name, const std::string& value) {
    PageData one;
    put(one, "name", name);
    put(one, "value", value);
    list.push_back(one);
}

} // namespace

std::string form_page(PageBook& book, const PageFrame& frame, const FormPage& page) {
    const PageWords& words = book.words(frame.language);
    const std::string action = frame.link("/apply/" + page.form.id);
    PageData data = page_data(frame, page.form.name.in(frame.language), TongueButtons{action});
    put_steps(data, words, Step::form);
    put(data, "intro", page.form.intro.in(frame.language));
    put(data, "action", action);
    put(data, "form", page.form.id);
    put(data, "token", page.token);
    put(data, "find", frame.link("/apply/find"));
    data["fields"] = fields_data(words, frame.language, page.form, page.values, page.errors);
    PageData errors = errors_data(words, frame.language, page.form, page.errors);
    if (page.notice || errors.is_non_empty_list()) {
        put_notice(data, page.notice ? *page.notice : Notice{words["check_title"], "", "", ""},
                   std::move(errors));
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
                add(words.filled("guest_of", {{"label", label}, {"n", std::to_string(n + 1)}}),
                    page.checked.guests[n]);
            }
            continue;
        }
        const auto found = page.checked.fields.find(field.name);
        if (found == page.checked.fields.end()) {
            continue;
        }
        std::string value = found->second;
        if (field.type == FieldType::consent) {
            value = words["consent_value"];
        }
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

} // namespace mogiri::module
