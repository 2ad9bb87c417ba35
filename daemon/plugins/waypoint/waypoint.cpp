// Transport `waypoint`: hands mails to Waypoint's HTTP API, in its plain form or as what fills one of its
// templates.
#include <ground/address.hpp>
#include <ground/entry.hpp>
#include <http/json.hpp>
#include <http/judgement.hpp>
#include <http/pace.hpp>

#include "letter.hpp"
#include "settings.hpp"

namespace {

namespace plugins = mogiri::plugins;
using namespace std::chrono_literals;
using mogiri::waypoint::Letter, mogiri::waypoint::Settings;
using plugins::json_text;

constexpr auto longest_wait = 120s, throttled_pause = 2s;
constexpr int patient_attempts = 5;
constexpr const char* messages = "/v1/email_messages";

// It says "error", "message" or a list of "errors" with a "message" each.
std::string said_by(const plugins::Answer& answer) {
    const plugins::Json body = plugins::json_object_of(answer.body);
    for (const char* path : {"message", "error", "error.message"})
        if (std::string text = plugins::text_at(body.get(), path); !text.empty())
            return text;
    return plugins::text_at(json_array_get(json_object_get(body.get(), "errors"), 0), "message");
}

// What its 400 and 422 are about: the account's sender, not this mail.
bool is_about_sender(const std::string& said) {
    for (const char* word : {"domain", "'from'", "from ", "From ", "sender", "template"})
        if (said.find(word) != said.npos)
            return true;
    return false;
}

void judge(const plugins::Answer& answer, const std::string& url, mogiri_result& result) {
    if (answer.status == 0)
        return plugins::judge_lost(answer, url, result);
    const std::string said = said_by(answer);
    result.code = answer.status;
    const auto stopped = [&](const char* remedy) {
        plugins::tell(result, MOGIRI_STOPPED,
                      url + ": answered " + std::to_string(answer.status) + " " +
                          plugins::readable(said, 90) + "; " + remedy);
    };
    switch (answer.status) {
    case 200:
    case 201:
    case 202:
        return plugins::tell(result, MOGIRI_ACCEPTED, "taken");
    case 401:
    case 403:
        return stopped("correct user or the password in password_file");
    case 402:
        return stopped("see the account at Waypoint");
    case 404:
        return stopped("is endpoint right, and is the template there?");
    case 429:
        result.retry_after = answer.retry_after ? answer.retry_after : 30;
        return stopped("it asks for fewer mails: set rate");
    default:
        break;
    }
    if (plugins::judge_common(answer, url, said, result))
        return;
    if (is_about_sender(said))
        return stopped("verify the sender's domain at Waypoint, and look at template");
    plugins::tell(result, MOGIRI_PERMANENT,
                  "answered " + std::to_string(answer.status) + " " + plugins::readable(said, 180));
}

class Waypoint {
  public:
    Waypoint(const mogiri_option* options, std::size_t count)
        : settings_(mogiri::waypoint::read_settings(options, count)),
          exchange_(settings_.endpoint, settings_.credentials, {"Content-Type: application/json"}),
          pace_(plugins::Pace::of(settings_.endpoint.url + " " + settings_.credentials.user)) {
        pace_->allow(settings_.rate);
    }

    std::chrono::seconds patience() const {
        return patient_attempts * (settings_.endpoint.longest_request() + longest_wait) + 10s;
    }

    void deliver(const mogiri_envelope& envelope, std::string_view message, mogiri_result& result) {
        if (!plugins::is_address(envelope.recipient))
            return plugins::tell(result, MOGIRI_PERMANENT,
                                 "the recipient is no address that Waypoint can carry");
        const std::string body = body_of(envelope, message);
        plugins::Answer answer;
        for (int attempt = 1; attempt <= patient_attempts; ++attempt) {
            if (!pace_->wait(longest_wait))
                return plugins::tell(result, MOGIRI_STOPPED,
                                     "more workers wait for their turn than rate has room for");
            answer = exchange_.post(messages, body);
            if (answer.status != 429 || answer.retry_after > 30)
                break;
            // It has not been taken, and that is no fault of the mail's.
            pace_->slow_down(answer.retry_after ? std::chrono::seconds(answer.retry_after)
                                                : attempt * throttled_pause);
        }
        judge(answer, settings_.endpoint.url, result);
        if (result.outcome != MOGIRI_ACCEPTED)
            return;
        pace_->taken();
        const plugins::Json taken = plugins::json_object_of(answer.body);
        std::string id = plugins::text_at(taken.get(), "data.id");
        if (id.empty())
            id = plugins::text_at(json_array_get(json_object_get(taken.get(), "data"), 0), "id");
        std::snprintf(result.provider_id, sizeof result.provider_id, "%s", id.c_str());
    }

    // Asks for nothing that is there: a login that is refused shows.
    bool probe(std::string& text) {
        const plugins::Answer answer = exchange_.get(std::string(messages) + "/none");
        mogiri_result seen{};
        judge(answer, settings_.endpoint.url, seen);
        const bool known = answer.status == 200 || answer.status == 400 || answer.status == 404 ||
                           answer.status == 405 || answer.status == 422;
        text = known ? settings_.endpoint.url + ": takes user and password" : seen.text;
        return known;
    }

  private:
    std::string body_of(const mogiri_envelope& envelope, std::string_view message) const {
        const Letter letter = mogiri::waypoint::read_letter(message);
        const std::string html = mogiri::waypoint::without_own_pictures(letter.html);
        // By metaId it knows a mail again that it has already.
        const plugins::Json body(json_pack("{s:o, s:o, s:o}", "to", json_text(envelope.recipient), "from",
                                           json_text(letter.from), "metaId", json_text(envelope.message_id)));
        if (!body)
            throw std::bad_alloc();
        const auto set = [&](const char* key, json_t* value) { json_object_set_new(body.get(), key, value); };
        if (!letter.reply_to.empty())
            set("replyTo", json_text(letter.reply_to));
        if (settings_.template_id.empty()) {
            set("subject", json_text(letter.subject));
            set("bodyHtml", json_text(html));
        } else {
            set("templateId", json_text(settings_.template_id));
            set("variables", json_pack("{s:o, s:o, s:o}", "subject", json_text(letter.subject), "text",
                                       json_text(letter.text), "html", json_text(html)));
        }
        if (!letter.enclosures.empty()) {
            json_t* list = json_array();
            for (const auto& enclosure : letter.enclosures)
                json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "name", json_text(enclosure.name),
                                                      "contentType", json_text(enclosure.type), "contentBlob",
                                                      json_text(plugins::base64(enclosure.content))));
            set("attachments", list);
        }
        return plugins::dumped(body.get());
    }

    Settings settings_;
    plugins::Exchange exchange_;
    std::shared_ptr<plugins::Pace> pace_;
};

constexpr mogiri_transport transport = plugins::Entry<Waypoint>::named("waypoint");

} // namespace

__attribute__((visibility("default"))) const struct mogiri_transport* mogiri_transport_plugin(void) {
    return &transport;
}
