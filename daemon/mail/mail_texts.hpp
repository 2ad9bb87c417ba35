// What mails say: mustache templates in templates/mail/, which an organiser may change.
//
// <kind>.<language>.txt.mustache: its first line is "Subject: …", an empty line, then the text;
// <kind>.<language>.html.mustache. Values stand as they are in the text and escaped in HTML:
//   event, contact, applicant, status_url, count, days[] {name, date, opens, closes}, guests[] {name,
//   reference, kind, file, cid}; of `links` applications[] {submitted, count, url}; of `unconfirmed`
//   confirm_url, hours; of `invitation` and `reset` name, link_url
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mogiri::daemon {

struct MailFacts {
    struct Day {
        std::string name, date, opens, closes;
    };
    struct Guest {
        std::string name, reference, kind, file;
        std::string cid = {}; // of its picture, as in src="cid:…"
    };
    std::string event, contact, applicant, status_url;
    std::vector<Day> days;
    std::vector<Guest> guests;
    struct Application {
        std::string submitted, count, url;
    };
    std::vector<Application> applications = {};
    std::string confirm_url = {};
    std::int64_t hours = 0; // in which the link in confirm_url is good
    std::string name = {}, link_url = {};
};

// An organiser's own: a subject, and a text in place of the mail's first paragraph. Empty: the template's.
struct OwnWords {
    std::string subject, text;
};

struct WrittenMail {
    std::string subject, text, html;
};

class TemplateError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// All kinds of mails that there are.
const std::vector<std::string>& mail_kinds();

// Immutable once made; any number of threads may write with one.
class MailTexts {
  public:
    // Reads and checks the templates of all kinds in both languages. Throws TemplateError.
    explicit MailTexts(const std::filesystem::path& directory);

    // `kind`: as in mail_outbox; `language`: "ja" or "en". Throws TemplateError for others.
    WrittenMail write(std::string_view kind, std::string_view language, const MailFacts& facts,
                      const OwnWords& own = {}) const;

  private:
    struct Pair {
        std::string subject, text, html;
    };
    std::map<std::string, Pair, std::less<>> templates_; // by "tickets.ja"
};

} // namespace mogiri::daemon
