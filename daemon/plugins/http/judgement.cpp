#include "judgement.hpp"

#include <cstdio>

#include "json.hpp"

namespace mogiri::plugins {

namespace {

bool is_of_tls(CURLcode failure) {
    switch (failure) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        return true;
    default:
        return false;
    }
}

} // namespace

void tell(mogiri_result& result, mogiri_outcome outcome, const std::string& text) {
    result.outcome = outcome;
    std::snprintf(result.text, sizeof result.text, "%s", text.c_str());
}

void judge_lost(const Answer& answer, const std::string& url, mogiri_result& result) {
    result.code = 0;
    if (!answer.connected)
        tell(result, MOGIRI_STOPPED,
             url + ": " + readable(answer.problem, 100) +
                 (is_of_tls(answer.failure)
                      ? "; ca_file may name the authority that signed its certificate"
                      : "; is endpoint right, is it running, does a firewall stand between?"));
    else if (answer.sent_whole)
        tell(result, MOGIRI_UNKNOWN,
             "no answer came after all of it was sent: the server may have it (" +
                 readable(answer.problem, 80) + ")");
    else
        tell(result, MOGIRI_TRANSIENT,
             "the connection was lost while it was sent (" + readable(answer.problem, 80) + ")");
}

bool judge_common(const Answer& answer, const std::string& url, const std::string& why,
                  mogiri_result& result) {
    const std::string said =
        "answered " + std::to_string(answer.status) + (why.empty() ? "" : " " + readable(why, 110));
    result.code = answer.status;
    switch (answer.status) {
    case 413:
        tell(result, MOGIRI_PERMANENT, "the mail is too large: " + said);
        return true;
    case 404:
    case 405:
        tell(result, MOGIRI_STOPPED, url + ": " + said + "; is endpoint right?");
        return true;
    case 408:
        tell(result, MOGIRI_TRANSIENT, said);
        return true;
    case 504: // what stands before the service did not hear how it ended
        tell(result, MOGIRI_UNKNOWN, said + ": the service may have it");
        return true;
    default:
        break;
    }
    if (answer.status >= 300 && answer.status < 400) {
        tell(result, MOGIRI_STOPPED, url + ": " + said + ": it sends elsewhere; correct endpoint");
        return true;
    }
    if (answer.status >= 500) {
        tell(result, MOGIRI_TRANSIENT, said);
        return true;
    }
    return false;
}

} // namespace mogiri::plugins
