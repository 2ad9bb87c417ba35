// Transport `ses`: hands mails to Amazon SES as they are, by its HTTP API (v2 SendEmail), within the
// account's quota.
#include <ground/address.hpp>
#include <ground/entry.hpp>
#include <http/json.hpp>
#include <http/judgement.hpp>

#include "account.hpp"
#include "settings.hpp"
#include "verdict.hpp"

namespace {

namespace plugins = mogiri::plugins;
using namespace std::chrono_literals;
using mogiri::ses::Account, mogiri::ses::Settings;

constexpr auto throttled_pause = 1s;
constexpr int patient_attempts = 6;

std::vector<std::string> headers_of(const Settings& settings) {
    std::vector<std::string> headers{"Content-Type: application/json"};
    if (!settings.session_token.empty())
        headers.push_back("X-Amz-Security-Token: " + settings.session_token);
    return headers;
}

// SES reads addresses by the grammar of RFC 5322, where a local part like Japanese carriers once gave out
// has to be quoted.
std::string by_grammar(std::string_view address) {
    const std::size_t at = address.rfind('@');
    const std::string_view local = address.substr(0, at);
    const bool plain = !local.starts_with('.') && !local.ends_with('.') && local.find("..") == local.npos;
    if (plain || local.starts_with('"'))
        return std::string(address);
    return '"' + std::string(local) + '"' + std::string(address.substr(at));
}

// Of the Message-ID only what EmailTags may hold.
std::string tag_of(std::string_view message_id) {
    std::string tag;
    for (const char c : message_id.substr(0, message_id.find('@')))
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
            tag += c;
    return tag;
}

class Ses {
  public:
    Ses(const mogiri_option* options, std::size_t count)
        : settings_(mogiri::ses::read_settings(options, count)),
          exchange_(settings_.endpoint, settings_.credentials, headers_of(settings_)),
          account_(Account::of(settings_)) {}

    std::chrono::seconds patience() const {
        return (patient_attempts + 1) * settings_.endpoint.longest_request() + 2 * Account::longest_wait +
               10s;
    }

    void deliver(const mogiri_envelope& envelope, std::string_view message, mogiri_result& result) {
        if (!plugins::is_address(envelope.sender))
            return plugins::tell(result, MOGIRI_STOPPED,
                                 "the sender is no address that SES can carry: correct mail.from");
        if (!plugins::is_address(envelope.recipient))
            return plugins::tell(result, MOGIRI_PERMANENT, "the recipient is no address that SES can carry");
        const std::string body = body_of(envelope, message);
        const std::string& url = settings_.endpoint.url;
        for (int attempt = 1; account_->let_go(exchange_, url, result); ++attempt) {
            const plugins::Answer answer = exchange_.post("/v2/email/outbound-emails", body);
            if (mogiri::ses::is_throttled(answer) && attempt < patient_attempts) {
                account_->throttled(attempt * throttled_pause);
                continue; // it has not been taken, and that is no fault of the mail's
            }
            mogiri::ses::judge(answer, url, envelope.sender, result);
            if (result.outcome == MOGIRI_ACCEPTED) {
                account_->taken();
                const plugins::Json taken = plugins::json_object_of(answer.body);
                std::snprintf(result.provider_id, sizeof result.provider_id, "%s",
                              plugins::text_at(taken.get(), "MessageId").c_str());
            } else if (result.outcome == MOGIRI_UNKNOWN) {
                account_->maybe_taken();
            } else {
                account_->not_taken();
            }
            if (result.outcome == MOGIRI_STOPPED)
                account_->doubt();
            return;
        }
    }

    bool probe(std::string& text) {
        mogiri_result seen{};
        if (!account_->read(exchange_, settings_.endpoint.url, seen)) {
            text = seen.text;
            return false;
        }
        text = settings_.endpoint.url + ": takes the access key; " + account_->described();
        return true;
    }

  private:
    std::string body_of(const mogiri_envelope& envelope, std::string_view message) const {
        const plugins::Json body(
            json_pack("{s:{s:{s:o}}, s:o, s:{s:[o]}, s:[{s:s, s:o}]}", "Content", "Raw", "Data",
                      plugins::json_text(plugins::base64(message)), "FromEmailAddress",
                      plugins::json_text(by_grammar(envelope.sender)), "Destination", "ToAddresses",
                      plugins::json_text(by_grammar(envelope.recipient)), "EmailTags", "Name", "mogiri",
                      "Value", plugins::json_text(tag_of(envelope.message_id))));
        if (!body)
            throw std::bad_alloc();
        if (!settings_.configuration_set.empty())
            json_object_set_new(body.get(), "ConfigurationSetName",
                                plugins::json_text(settings_.configuration_set));
        return plugins::dumped(body.get());
    }

    Settings settings_;
    plugins::Exchange exchange_;
    std::shared_ptr<Account> account_;
};

constexpr mogiri_transport transport = plugins::Entry<Ses>::named("ses");

} // namespace

__attribute__((visibility("default"))) const struct mogiri_transport* mogiri_transport_plugin(void) {
    return &transport;
}
