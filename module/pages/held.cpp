// Fills the page of an issued application, and those that ask before what cannot be undone.
#include "pages/held.hpp"

#include "daemon/contract/json_owner.hpp"

namespace mogiri::module {
namespace {

std::string under(const std::string& application, std::string_view rest) {
    return std::string("/apply/result/").append(application).append(rest);
}

std::string text_at(const json_t* object, const char* key) {
    return std::string(text_of(json_object_get(object, key)));
}

// A picture's address changes with the ticket, since browsers keep it for a while.
std::string picture_address(const PageFrame& frame, const std::string& path, const std::string& reference) {
    std::string address = frame.link(path);
    address += address.find('?') == address.npos ? '?' : '&';
    return address.append("v=").append(reference);
}

PageData ticket_data(const PageWords& words, const PageFrame& frame, const std::string& application,
                     const json_t* ticket, const HeldPage& held) {
    const std::string n = std::to_string(json_integer_value(json_object_get(ticket, "ticket")));
    const std::string name = text_at(ticket, "name"), reference = text_at(ticket, "reference");
    const std::string state = text_at(ticket, "state"), path = under(application, "/ticket/" + n);
    const bool valid = state == "valid", entered = json_is_true(json_object_get(ticket, "entered"));
    PageData one;
    put(one, "n", n);
    put(one, "guest", name);
    put(one, "reference", reference);
    one["valid"] = PageData(valid);
    one["changeable"] = PageData(valid && !entered);
    put(one, "said", !valid ? words["ticket_" + state] : entered ? words["ticket_entered"] : "");
    put(one, "picture", picture_address(frame, path + ".png", reference));
    put(one, "pdf", picture_address(frame, path + ".pdf", reference));
    put(one, "alt", words.filled("ticket_alt", {{"name", name}, {"reference", reference}}));
    put(one, "rename_action", frame.link(path + "/rename"));
    put(one, "return_href", frame.link(path + "/return"));
    put(one, "token", valid && !entered ? held.token() : "");
    return one;
}

// `act`: "return" or "leave", what its words begin with.
std::string question_page(PageBook& book, const PageFrame& frame, const std::string& application,
                          std::string_view act, const std::string& path, std::string_view text,
                          const std::string& token) {
    const PageWords& words = book.words(frame.language);
    const auto word = [&](std::string_view what) { return words[std::string(act).append(what)]; };
    PageData data = page_data(frame, word("_title"), LinkedTongues{});
    put(data, "text", text);
    put(data, "yes", word("_yes"));
    put(data, "no", word("_no"));
    put(data, "action", frame.link(under(application, path)));
    put(data, "back", frame.link(under(application, "")));
    put(data, "token", token);
    return book.fill(Page::question, frame.language, data);
}

} // namespace

WaitingPlace place_in(const json_t* shown) {
    return {json_integer_value(json_object_get(shown, "place")),
            json_integer_value(json_object_get(shown, "waiting"))};
}

std::string held_page(PageBook& book, const PageFrame& frame, const ResultPage& page, const HeldPage& held) {
    const PageWords& words = book.words(frame.language);
    const Json shown = held.shown.empty() ? Json() : parse_json(held.shown);
    const std::string code = shown ? text_at(shown.get(), "code") : "";
    if (!shown || !code.empty()) {
        // Not told by the daemon, refused or held: the short page says what there is to say.
        const Answer told{page.application, decision_of(code).value_or(Decision::failed), 0};
        const auto answer = code.empty() && page.answer ? *page.answer : told;
        return result_page(book, frame,
                           {page.application, answer, 0, held.note, held.token, place_in(shown.get())});
    }
    PageData data = page_data(frame, words["result_issued_title"], LinkedTongues{});
    put_note(data, words, held.note);
    put(data, "application", page.application);
    const std::string mail = text_at(shown.get(), "mail");
    put(data, "mail",
        words[mail == "sent"                             ? "held_mail_sent"
              : mail == "failed" || mail == "suppressed" ? "held_mail_failed"
                                                         : "held_mail_pending"]);
    PageData list(PageData::type::list);
    bool some_valid = false;
    std::size_t index;
    const json_t* ticket;
    json_array_foreach(json_object_get(shown.get(), "tickets"), index, ticket) {
        some_valid = some_valid || text_at(ticket, "state") == "valid";
        list.push_back(ticket_data(words, frame, page.application, ticket, held));
    }
    data["passes"] = std::move(list);
    data["resend"] = PageData(false);
    if (some_valid) {
        PageData resend;
        put(resend, "action", frame.link(under(page.application, "/resend")));
        put(resend, "token", held.token());
        data["resend"] = std::move(resend);
        put(data, "calendar", frame.link(under(page.application, "/calendar.ics")));
    }
    return book.fill(Page::held, frame.language, data);
}

std::string return_page(PageBook& book, const PageFrame& frame, const std::string& application, int ticket,
                        const std::string& token) {
    const std::string n = std::to_string(ticket);
    return question_page(book, frame, application, "return", "/ticket/" + n + "/return",
                         book.words(frame.language).filled("return_text", {{"n", n}}), token);
}

std::string leave_page(PageBook& book, const PageFrame& frame, const std::string& application,
                       const std::string& token) {
    return question_page(book, frame, application, "leave", "/leave",
                         book.words(frame.language)["leave_text"], token);
}

} // namespace mogiri::module
