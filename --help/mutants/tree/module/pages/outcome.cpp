// Fills the result, error and index pages.
#include "pages/outcome.hpp"

#include <algorithm>
#include <array>

namespace mogiri::module {
namespace {

void put_paragraphs(PageData& data, std::initializer_list<std::string> paragraphs) {
    PageData list(PageData::type::list);
    for (const auto& paragraph : paragraphs) {
        list.push_back(PageData(paragraph));
    }
    data["paragraphs"] = std::move(list);
}

void put_link(PageData& data, const std::string& href, const std::string& label, bool strong) {
    PageData link;
    put(link, "href", href);
    put(link, "label", label);
    link["strong"] = PageData(strong);
    data["link"] = std::move(link);
}

// This page again: "?n=2&lang=en".
std::string next_look(const PageFrame& frame, int looks) {
    std::string address = "?n=";
    address += std::to_string(looks + 1);
    if (frame.chosen) {
        address.append("&lang=").append(language_tag(frame.language));
    }
    return address;
}

constexpr std::array<std::string_view, 4> good_notes = {"renamed", "resent", "returned", "confirmed"};

} // namespace

void put_note(PageData& data, const PageWords& words, const std::string& note) {
    const std::string key = "note_" + note;
    if (!words.has(key)) {
        data["note"] = PageData(false);
        return;
    }
    const bool good = std::ranges::find(good_notes, note) != good_notes.end();
    PageData shown;
    put(shown, "text", words[key]);
    put(shown, "tone", good ? "good" : "bad");
    put(shown, "role", good ? "status" : "alert");
    data["note"] = std::move(shown);
}

int seconds_until_next_look(int looks) {
    constexpr std::array<int, 5> seconds = {2, 3, 5, 8, 13};
    return seconds[static_cast<std::size_t>(std::clamp(looks, 0, 4))];
}

std::string result_page(PageBook& book, const PageFrame& frame, const ResultPage& page) {
    const PageWords& words = book.words(frame.language);
    const bool issued = page.answer && page.answer->decision == Decision::issued;
    const bool held = page.answer && is_held(page.answer->decision);
    const std::string state = !page.answer ? "result_pending"
                              : issued     ? "result_issued"
                                           : std::string(decision_code(page.answer->decision));
    PageData data = page_data(frame, words[state + "_title"], LinkedTongues{});
    put(data, "tone", !page.answer ? "pending" : issued ? "good" : held ? "held" : "bad");
    put_note(data, words, page.note);
    data["resend"] = PageData(false);
    put(data, "application", page.application);
    data["tickets"] = PageData(false);
    data["link"] = PageData(false);
    // An unconfirmed one has not come to the last step yet.
    const bool unconfirmed = held && page.answer->decision == Decision::unconfirmed;
    data["steps_shown"] = PageData(!page.answer || issued || (held && !unconfirmed));
    put_steps(data, words, Step::result);
    if (!page.answer) {
        put_paragraphs(data, {words["result_pending_text"], words["result_pending_more"]});
        const std::string next = next_look(frame, page.looks);
        put(data, "refresh", std::to_string(seconds_until_next_look(page.looks)) + "; url=" + next);
        put_link(data, next, words["result_reload"], false);
    } else if (issued) {
        const std::string n = std::to_string(page.answer->tickets);
        put_paragraphs(data, {words.filled("result_issued_text", {{"n", n}}), words["result_issued_more"]});
        put(data, "tickets", words.filled("tickets_value", {{"n", n}}));
        put_link(data, frame.link("/apply/result/" + page.application), words["held_link"], true);
    } else if (held) {
        put_paragraphs(data, {words[state + "_text"], words[state + "_more"]});
        if (unconfirmed && page.token) {
            PageData resend;
            put(resend, "action", frame.link("/apply/result/" + page.application + "/resend"));
            put(resend, "token", page.token());
            data["resend"] = std::move(resend);
        }
    } else {
        put_paragraphs(data, {words[state + "_text"]});
        put_link(data, frame.link("/"), words["to_index"], false);
    }
    return book.fill(Page::result, frame.language, data);
}

std::string address_page(PageBook& book, const PageFrame& frame, const std::string& application,
                         const std::string& action, const std::string& note) {
    const PageWords& words = book.words(frame.language);
    PageData data = page_data(frame, words["address_title"], LinkedTongues{});
    put_note(data, words, note);
    put(data, "application", application);
    put(data, "action", action);
    return book.fill(Page::address, frame.language, data);
}

std::string error_page(PageBook& book, const PageFrame& frame, int status, std::string_view code) {
    const PageWords& words = book.words(frame.language);
    std::string key(code);
    if (!words.has(key + "_title")) {
        key = "error_";
        key += std::to_string(status);
    }
    if (!words.has(key + "_title")) {
        key = status < 500 ? "error_400" : status < 502 ? "error_500" : "error_503";
    }
    PageData data = page_data(frame, words[key + "_title"], LinkedTongues{});
    put(data, "text", words[key + "_text"]);
    data["link"] = PageData(false);
    if (frame.event != nullptr) {
        put_link(data, frame.link("/"), words["to_index"], false);
    }
    return book.fill(Page::error, frame.language, data);
}

std::string index_page(PageBook& book, const PageFrame& frame, std::int64_t now_ms) {
    const PageWords& words = book.words(frame.language);
    PageData data = page_data(frame, words["index_title"], LinkedTongues{});
    PageData forms(PageData::type::list);
    int open_forms = 0;
    for (const auto& form : frame.event->forms) {
        const Taking taking = frame.event->taking(form, now_ms);
        const bool open = taking == Taking::open;
        open_forms += open;
        PageData one;
        put(one, "label", form.name.in(frame.language));
        put(one, "note",
            open                        ? form.intro.in(frame.language)
            : taking == Taking::not_yet ? words["not_open_yet_title"]
                                        : words["form_shut"]);
        put(one, "href", frame.link("/apply/" + form.id));
        one["open"] = PageData(open);
        forms.push_back(one);
    }
    put(data, "intro", open_forms > 1 ? words["index_intro"] : "");
    data["has_forms"] = PageData(forms.is_non_empty_list());
    data["forms"] = std::move(forms);
    put(data, "find", frame.link("/apply/find"));
    return book.fill(Page::index, frame.language, data);
}

} // namespace mogiri::module
