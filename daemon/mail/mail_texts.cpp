#include "mail_texts.hpp"

#include <fstream>
#include <sstream>

#include <kainjow/mustache.hpp>

#include <mail_words.hpp>

namespace mogiri::daemon {

namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;

std::string read(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream content;
    if (!stream || !(content << stream.rdbuf()))
        throw TemplateError(file.string() + ": cannot be read");
    if (const mustache checked(content.str()); !checked.is_valid())
        throw TemplateError(file.string() + ": " + checked.error_message());
    return content.str();
}

data list_of(const MailFacts& facts) {
    data values;
    values.set("event", facts.event);
    values.set("contact", facts.contact);
    values.set("applicant", facts.applicant);
    values.set("status_url", facts.status_url);
    values.set("confirm_url", facts.confirm_url);
    values.set("hours", std::to_string(facts.hours));
    values.set("link_url", facts.link_url);
    values.set("name", facts.name);
    values.set("count", std::to_string(facts.guests.size()));
    data days{data::type::list}, guests{data::type::list};
    for (const MailFacts::Day& day : facts.days) {
        data one;
        one.set("name", day.name);
        one.set("date", day.date);
        one.set("opens", day.opens);
        one.set("closes", day.closes);
        days << one;
    }
    for (const MailFacts::Guest& guest : facts.guests) {
        data one;
        one.set("name", guest.name);
        one.set("reference", guest.reference);
        one.set("kind", guest.kind);
        one.set("file", guest.file);
        one.set("cid", guest.cid);
        guests << one;
    }
    data applications{data::type::list};
    for (const MailFacts::Application& application : facts.applications) {
        data one;
        one.set("submitted", application.submitted);
        one.set("count", application.count);
        one.set("url", application.url);
        applications << one;
    }
    values.set("applications", applications);
    values.set("days", days);
    values.set("guests", guests);
    return values;
}

// A misspelt value would only leave a gap in the mail.
void check_names(const std::filesystem::path& file, const std::string& text) {
    MailFacts facts;
    facts.days.resize(1);
    facts.guests.resize(1);
    facts.applications.resize(1);
    const data values = list_of(facts);
    std::vector<const data*> places{&values};
    for (std::size_t at = text.find("{{"); at != text.npos; at = text.find("{{", at + 2)) {
        const std::size_t begin = text.find_first_not_of("{#^/& \t", at);
        const std::size_t end = std::min(text.find_first_of("} \t", begin), text.size());
        const std::string name = text.substr(std::min(begin, end), end - std::min(begin, end));
        if (name.starts_with('!') || name == ".")
            continue;
        const data* found = nullptr;
        for (const data* place : places)
            found = found ? found : place->get(name);
        if (!found)
            throw TemplateError(
                file.string() + ":" +
                std::to_string(
                    1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
                ": {{" + name + "}} is no value of mails: mogirictl(1) has them");
        if (found->is_list() && found->list_value().empty())
            return; // what may stand in it is not known here
        if (found->is_list())
            for (const data& one : found->list_value())
                places.push_back(&one);
    }
}

std::string plain(const std::string& text, const data& values) {
    mustache filled(text);
    filled.set_custom_escape([](const std::string& value) { return value; });
    return filled.render(values);
}

// The first one ends at an empty line.
void replace_first_paragraph(std::string& text, const std::string& words) {
    text.replace(0, std::min(text.find("\n\n"), text.size()), words);
}

void replace_first_html_paragraph(std::string& html, const std::string& words) {
    const std::size_t begin = html.find("<p>"), end = html.find("</p>", std::min(begin, html.size()));
    if (begin == html.npos || end == html.npos)
        return;
    std::string shown;
    for (const char c : kainjow::mustache::html_escape(words))
        shown += c == '\n' ? "<br>\n" : std::string(1, c);
    html.replace(begin + 3, end - begin - 3, shown);
}

std::string trimmed_end(std::string text) {
    text.erase(text.find_last_not_of("\n ") + 1);
    return text;
}

} // namespace

const std::vector<std::string>& mail_kinds() {
    static const std::vector<std::string> kinds{"tickets", "failed",   "unconfirmed", "awaiting_approval",
                                                "waiting", "rejected", "links",       "invitation",
                                                "reset"};
    return kinds;
}

MailTexts::MailTexts(const std::filesystem::path& directory) {
    constexpr std::string_view mark = "Subject: ";
    for (const std::string& kind : mail_kinds())
        for (const std::string language : {"ja", "en"}) {
            const std::string name = kind + "." + language;
            const std::filesystem::path file = directory / (name + ".txt.mustache");
            const std::string text = read(file);
            const std::size_t end = text.find("\n\n");
            if (!text.starts_with(mark) || end == text.npos || text.find('\n') != end)
                throw TemplateError(file.string() +
                                    ":1: must begin with a line \"Subject: …\" and an empty line");
            const std::filesystem::path html_file = directory / (name + ".html.mustache");
            const std::string html = read(html_file);
            check_names(file, text);
            check_names(html_file, html);
            templates_[name] = {text.substr(mark.size(), end - mark.size()), text.substr(end + 2), html};
        }
}

WrittenMail MailTexts::write(std::string_view kind, std::string_view language, const MailFacts& facts,
                             const OwnWords& own) const {
    const auto found = templates_.find(std::string(kind) + "." + std::string(language));
    if (found == templates_.end())
        throw TemplateError("no mail of kind " + std::string(kind) + " in " + std::string(language));
    const data values = list_of(facts);
    WrittenMail mail{plain(found->second.subject, values), plain(found->second.text, values),
                     mustache(found->second.html).render(values)};
    const std::map<std::string_view, std::string> places{{"event", facts.event},
                                                         {"contact", facts.contact},
                                                         {"applicant", facts.applicant},
                                                         {"status_url", facts.status_url},
                                                         {"hours", std::to_string(facts.hours)},
                                                         {"count", std::to_string(facts.guests.size())}};
    if (!own.subject.empty())
        mail.subject = filled_words(own.subject, places);
    if (!own.text.empty()) {
        const std::string text = trimmed_end(filled_words(own.text, places));
        replace_first_paragraph(mail.text, text);
        replace_first_html_paragraph(mail.html, text);
    }
    return mail;
}

} // namespace mogiri::daemon
