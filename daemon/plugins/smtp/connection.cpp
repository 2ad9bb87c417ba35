#include "connection.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include <sys/socket.h>

#include <ground/address.hpp>

namespace mogiri::smtp {

namespace {

using plugins::is_address;

bool is_of_tls(CURLcode failure) {
    switch (failure) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ISSUER_ERROR:
        return true;
    default:
        return false;
    }
}

int on_debug(CURL*, curl_infotype type, char* data, std::size_t size, void* dialogue) noexcept {
    if (type == CURLINFO_HEADER_OUT)
        static_cast<Dialogue*>(dialogue)->said({data, size});
    else if (type == CURLINFO_HEADER_IN)
        static_cast<Dialogue*>(dialogue)->heard({data, size});
    return 0;
}

int on_progress(void* dialogue, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
    return static_cast<Dialogue*>(dialogue)->is_overdue() ? 1 : 0;
}

std::size_t on_read(char* into, std::size_t size, std::size_t count, void* dialogue) noexcept {
    return static_cast<Dialogue*>(dialogue)->hand_over(into, size * count);
}

// What a failed attempt waited for, or was told, in a few words.
const char* what(Step step) {
    switch (step) {
    case Step::connecting:
    case Step::greeting:
        return "the greeting";
    case Step::encrypting:
        return "STARTTLS";
    case Step::login:
        return "the login";
    case Step::sender:
        return "the sender";
    case Step::recipient:
        return "the recipient";
    case Step::data:
        return "DATA";
    case Step::message:
    case Step::end:
        break;
    }
    return "the message";
}

// What a person can do about a transport that is stopped.
const char* remedy(Step step, int code, CURLcode failure) {
    if (failure == CURLE_PEER_FAILED_VERIFICATION)
        return "host must be a name in its certificate, and ca_file may name the authority that signed it";
    if (failure == CURLE_USE_SSL_FAILED && step == Step::greeting)
        return "it offers no STARTTLS here: security = \"tls\" with another port, or another server";
    if (is_of_tls(failure) && step < Step::sender)
        return "security = \"tls\" belongs to ports like 465, \"starttls\" to ports like 587";
    if (code == 530)
        return "it wants a login: set user and password_file";
    switch (step) {
    case Step::connecting:
        return "are host, port and security right, is it running, does a firewall stand between?";
    case Step::encrypting:
        return "its TLS does not work now";
    case Step::login:
        return "correct user or the password in password_file";
    case Step::sender:
        return "it must let this user send from mail.from and the events' own senders";
    default:
        return "ask who runs it why it turns this machine away";
    }
}

void copy(char* into, std::size_t size, const std::string& text) {
    std::snprintf(into, size, "%s", text.c_str());
}

std::string cut(const std::string& text, std::size_t length) {
    return text.size() <= length ? text : text.substr(0, length - 2) + "..";
}

} // namespace

void Connection::Closed::operator()(CURL* curl) const {
    // libcurl says QUIT now and would wait 2 minutes for an answer.
    curl_socket_t socket = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK && socket != CURL_SOCKET_BAD)
        ::shutdown(socket, SHUT_RD);
    curl_easy_cleanup(curl);
}

Connection::Connection(Settings settings)
    : settings_(std::move(settings)), error_(CURL_ERROR_SIZE, '\0'), curl_(curl_easy_init()) {
    if (!curl_)
        throw std::bad_alloc();
    prepare(curl_.get());
    curl_easy_setopt(curl_.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl_.get(), CURLOPT_READFUNCTION, on_read);
    curl_easy_setopt(curl_.get(), CURLOPT_MAXCONNECTS, 1L);
    curl_easy_setopt(curl_.get(), CURLOPT_MAXAGE_CONN, static_cast<long>(longest_idle.count()));
}

Connection::~Connection() = default;

std::chrono::seconds Connection::patience() const {
    // A kept connection may turn out to be dead only at DATA, and then all begins anew.
    return settings_.connect_timeout + 6 * settings_.answer_timeout + Dialogue::longest_message +
           settings_.final_timeout + 2 * Dialogue::leave + std::chrono::seconds(10);
}

void Connection::prepare(CURL* curl) {
    const auto set = [curl](CURLoption option, auto value) {
        if (curl_easy_setopt(curl, option, value) != CURLE_OK)
            throw std::runtime_error("this libcurl lacks option " + std::to_string(option));
    };
    set(CURLOPT_URL, settings_.url().c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (settings_.security != Security::none)
        set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    if (!settings_.ca_file.empty())
        set(CURLOPT_CAINFO, settings_.ca_file.c_str());
    if (!settings_.user.empty()) {
        set(CURLOPT_USERNAME, settings_.user.c_str());
        set(CURLOPT_PASSWORD, settings_.password.c_str());
        set(CURLOPT_SASL_IR, 1L);
        // libcurl would rather try GSSAPI and NTLM, where a server has them.
        set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
    }
    // The dialogue keeps the time; libcurl's own limits only must not be shorter.
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, on_progress);
    set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings_.connect_timeout.count()) + 5);
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(patience().count()));
    // The dialogue is followed where libcurl would show it to a person.
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, on_debug);
}

Connection::Attempt Connection::attempt(CURL* curl, Dialogue& dialogue) {
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &dialogue);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &dialogue);
    curl_easy_setopt(curl, CURLOPT_READDATA, &dialogue);
    error_.front() = '\0';
    Attempt attempt{};
    attempt.failure = curl_easy_perform(curl);
    long connects = 0;
    curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);
    attempt.reused = connects == 0 && dialogue.step() >= Step::sender;
    attempt.overdue = attempt.failure == CURLE_ABORTED_BY_CALLBACK && dialogue.code() == 0;
    attempt.outcome = verdict(dialogue.step(), dialogue.code(), is_of_tls(attempt.failure));
    return attempt;
}

void Connection::deliver(const mogiri_envelope& envelope, std::string_view message, mogiri_result& result) {
    if (!is_address(envelope.sender)) {
        result.outcome = MOGIRI_STOPPED;
        copy(result.text, sizeof result.text,
             "the sender is no address that SMTP can carry: correct mail.from");
        return;
    }
    if (!is_address(envelope.recipient)) {
        result.outcome = MOGIRI_PERMANENT;
        copy(result.text, sizeof result.text, "the recipient is no address that SMTP can carry");
        return;
    }
    CURL* curl = curl_.get();
    const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(
        curl_slist_append(nullptr, envelope.recipient), curl_slist_free_all);
    if (!recipients)
        throw std::bad_alloc();
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, envelope.sender);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(message.size()));
    const bool is_last = mails_ + 1 == mails_per_connection;
    curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 0L);
    curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, is_last ? 1L : 0L);

    Dialogue dialogue(settings_, message);
    Attempt last = attempt(curl, dialogue);
    mails_ = is_last ? 0 : last.reused ? mails_ + 1 : 1;
    // The server may have closed a kept connection, silently or with 421; that is no fault of the mail's.
    if (last.reused && last.outcome == MOGIRI_TRANSIENT && dialogue.step() < Step::message && !last.overdue &&
        (dialogue.code() == 0 || dialogue.code() == 421)) {
        curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 0L);
        dialogue = Dialogue(settings_, message);
        last = attempt(curl, dialogue);
        mails_ = 1;
    }
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, nullptr);

    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    result.outcome = last.outcome;
    result.code = static_cast<int>(code);
    copy(result.text, sizeof result.text, describe(last, dialogue));
}

std::string Connection::describe(const Attempt& attempt, const Dialogue& dialogue) const {
    if (attempt.outcome == MOGIRI_ACCEPTED)
        return cut(dialogue.answer(), 200);
    const Step step = dialogue.step();
    const bool stopped = attempt.outcome == MOGIRI_STOPPED;
    std::string text = stopped ? settings_.address() + ": " : "";
    if (is_of_tls(attempt.failure) && step < Step::sender)
        text += "TLS: " + cut(error_.c_str(), 100);
    else if (dialogue.code() != 0)
        text += std::string(what(step)) + " was answered by " + std::to_string(dialogue.code()) + " " +
                cut(dialogue.answer(), stopped ? 100 : 180);
    else if (attempt.overdue)
        text += std::string("no answer to ") + what(step) + " came in time";
    else if (step == Step::connecting)
        text += cut(error_.c_str(), 100);
    else
        text += std::string("the connection was lost at ") + what(step);
    if (attempt.outcome == MOGIRI_UNKNOWN)
        text += ", after all of it was sent: the server may have it";
    if (stopped)
        text += std::string("; ") + remedy(step, dialogue.code(), attempt.failure);
    return text;
}

bool Connection::probe(std::string& text) {
    const Handle curl(curl_easy_init());
    if (!curl)
        throw std::bad_alloc();
    prepare(curl.get());
    curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, "NOOP");
    curl_easy_setopt(curl.get(), CURLOPT_FORBID_REUSE, 1L);
    Dialogue dialogue(settings_, {});
    Attempt seen = attempt(curl.get(), dialogue);
    if (seen.failure != CURLE_OK) {
        seen.outcome = MOGIRI_STOPPED;
        text = describe(seen, dialogue);
        return false;
    }
    if (!settings_.user.empty() && !dialogue.has_logged_in()) {
        text = settings_.address() +
               ": offers no login (AUTH PLAIN or LOGIN) here; remove user, or use another "
               "port or security";
        return false;
    }
    text = settings_.address() + ": answers";
    if (settings_.security != Security::none)
        text += ", over TLS with a good certificate";
    if (dialogue.has_logged_in())
        text += ", and takes the login";
    return true;
}

} // namespace mogiri::smtp
