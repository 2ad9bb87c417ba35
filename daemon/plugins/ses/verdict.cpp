#include "verdict.hpp"

#include <http/json.hpp>
#include <http/judgement.hpp>

namespace mogiri::ses {

namespace {

using plugins::readable, plugins::tell;

std::string message_of(const plugins::Answer& answer) {
    const plugins::Json body = plugins::json_object_of(answer.body);
    const std::string text = plugins::text_at(body.get(), "message");
    return text.empty() ? plugins::text_at(body.get(), "Message") : text;
}

bool is_daily(const plugins::Answer& answer) {
    const std::string said = message_of(answer);
    return said.find("aily") != said.npos && said.find("quota") != said.npos;
}

// What a person can do where the transport stands still.
const char* remedy(std::string_view error) {
    if (error.find("Token") != error.npos || error == "InvalidSignatureException" ||
        error == "SignatureDoesNotMatch" || error == "RequestExpired" ||
        error == "UnrecognizedClientException")
        return "correct access_key_id, the secret, the session token or region, or this machine's clock";
    if (error.starts_with("AccessDenied"))
        return "allow this access key ses:SendEmail and ses:SendRawEmail";
    if (error == "MailFromDomainNotVerifiedException" || error == "MessageRejected")
        return "verify the sender's domain or address in SES, in this region";
    if (error == "NotFoundException")
        return "correct configuration_set";
    return "see the account in the console of SES";
}

bool names_sender(const std::string& said, std::string_view sender) {
    const std::size_t at = sender.find('@');
    return !sender.empty() && said.find("not verified") != said.npos &&
           (said.find(sender) != said.npos || said.find(sender.substr(at + 1)) != said.npos);
}

} // namespace

std::string error_of(const plugins::Answer& answer) {
    if (answer.status < 300)
        return {};
    std::string error = answer.error_type;
    if (error.empty())
        error = plugins::text_at(plugins::json_object_of(answer.body).get(), "__type");
    return error.substr(error.find('#') + 1);
}

bool is_throttled(const plugins::Answer& answer) {
    const std::string error = error_of(answer);
    return (answer.status == 429 || error.find("Throttl") != error.npos ||
            error.starts_with("TooManyRequests")) &&
           !is_daily(answer);
}

void judge(const plugins::Answer& answer, const std::string& url, std::string_view sender,
           mogiri_result& result) {
    if (answer.status == 0)
        return plugins::judge_lost(answer, url, result);
    const std::string error = error_of(answer), said = message_of(answer);
    result.code = answer.status;
    const auto stopped = [&] {
        tell(result, MOGIRI_STOPPED, url + ": " + error + " " + readable(said, 70) + "; " + remedy(error));
    };
    if (answer.status >= 200 && answer.status < 300)
        return tell(result, MOGIRI_ACCEPTED, "taken");
    if (is_daily(answer)) {
        result.retry_after = 600;
        return tell(result, MOGIRI_STOPPED, "the account's quota of mails in 24 hours is used up");
    }
    if (is_throttled(answer)) {
        result.retry_after = answer.retry_after ? answer.retry_after : 30;
        return tell(result, MOGIRI_STOPPED,
                    url + ": it throttles this account, also when it is asked slowly");
    }
    if (error == "MessageRejected")
        return names_sender(said, sender)
                   ? stopped()
                   : tell(result, MOGIRI_PERMANENT, error + ": " + readable(said, 180));
    if (error == "AccountSuspendedException" || error == "SendingPausedException" ||
        error == "MailFromDomainNotVerifiedException" || error == "LimitExceededException" ||
        error == "NotFoundException" || answer.status == 401 || answer.status == 403)
        return stopped();
    if (plugins::judge_common(answer, url, error + " " + said, result))
        return;
    // Signatures and the like that it answers by 400.
    if (error.find("Token") != error.npos || error.find("Signature") != error.npos ||
        error == "RequestExpired")
        return stopped();
    tell(result, MOGIRI_PERMANENT,
         "answered " + std::to_string(answer.status) + " " + error + " " + readable(said, 150));
}

} // namespace mogiri::ses
