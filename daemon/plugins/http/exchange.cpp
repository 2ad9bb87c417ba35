#include "exchange.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include <strings.h>

namespace mogiri::plugins {

namespace {

constexpr std::size_t longest_body = 64 * 1024;
constexpr long longest_idle = 60; // seconds

} // namespace

struct Exchange::Request {
    Answer answer;
    std::size_t length = 0, sent = 0; // of the body
    int connections = 0;              // over which it went
    bool is_post = false;

    bool may_be_done() const { return is_post && connections > 0 && sent >= length; }

    static int on_debug(CURL*, curl_infotype type, char*, std::size_t size, void* self) noexcept {
        if (type == CURLINFO_DATA_OUT)
            static_cast<Request*>(self)->sent += size;
        return 0;
    }

    // Before anything is sent over a connection. libcurl sends again over another when a kept connection
    // turns out to be dead, even if all had been sent and may have been read.
    static int on_connected(void* self, char*, char*, int, int) noexcept {
        Request& request = *static_cast<Request*>(self);
        if (request.may_be_done())
            return CURL_PREREQFUNC_ABORT;
        ++request.connections;
        request.sent = 0;
        return CURL_PREREQFUNC_OK;
    }

    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept {
        Answer& answer = static_cast<Request*>(self)->answer;
        const std::string_view line(data, size * count);
        const auto value_of = [&](std::string_view name) {
            std::string_view value = line.substr(name.size());
            value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
            return std::string(value.substr(0, value.find_first_of(":\r\n")));
        };
        const auto is = [&](std::string_view name) {
            return line.size() > name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0;
        };
        if (is("retry-after:"))
            answer.retry_after = static_cast<unsigned>(
                std::clamp(std::strtol(value_of("retry-after:").c_str(), nullptr, 10), 0L, 3600L));
        else if (is("x-amzn-errortype:"))
            answer.error_type = value_of("x-amzn-errortype:");
        return size * count;
    }

    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept {
        std::string& body = static_cast<Request*>(self)->answer.body;
        body.append(data, std::min(size * count, longest_body - std::min(longest_body, body.size())));
        return size * count;
    }
};

Exchange::Exchange(Endpoint endpoint, Credentials credentials, const std::vector<std::string>& headers)
    : endpoint_(std::move(endpoint)), credentials_(std::move(credentials)), error_(CURL_ERROR_SIZE, '\0'),
      curl_(curl_easy_init()) {
    if (!curl_)
        throw std::bad_alloc();
    for (const std::string& header : headers) {
        curl_slist* longer = curl_slist_append(headers_.get(), header.c_str());
        if (!longer)
            throw std::bad_alloc();
        static_cast<void>(headers_.release());
        headers_.reset(longer);
    }
}

void Exchange::prepare(Request& request) {
    CURL* curl = curl_.get();
    curl_easy_reset(curl); // keeps the connection
    const auto set = [curl](CURLoption option, auto value) {
        if (curl_easy_setopt(curl, option, value) != CURLE_OK)
            throw std::runtime_error("this libcurl lacks option " + std::to_string(option));
    };
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, error_.data());
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!endpoint_.ca_file.empty())
        set(CURLOPT_CAINFO, endpoint_.ca_file.c_str());
    set(CURLOPT_USERNAME, credentials_.user.c_str());
    set(CURLOPT_PASSWORD, credentials_.password.c_str());
    if (credentials_.aws_scope.empty())
        set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    else
        set(CURLOPT_AWS_SIGV4, ("aws:amz:" + credentials_.aws_scope).c_str());
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_USERAGENT, "mogiri");
    set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(endpoint_.connect_timeout.count()));
    set(CURLOPT_TIMEOUT, static_cast<long>(endpoint_.longest_request().count()));
    set(CURLOPT_MAXCONNECTS, 1L);
    set(CURLOPT_MAXAGE_CONN, longest_idle);
    set(CURLOPT_PREREQFUNCTION, Request::on_connected);
    set(CURLOPT_PREREQDATA, &request);
    set(CURLOPT_HEADERFUNCTION, Request::on_header);
    set(CURLOPT_HEADERDATA, &request);
    set(CURLOPT_WRITEFUNCTION, Request::on_body);
    set(CURLOPT_WRITEDATA, &request);
    // What goes out is counted where libcurl would show it to a person.
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, Request::on_debug);
    set(CURLOPT_DEBUGDATA, &request);
}

Answer Exchange::perform(const std::string& path, const std::string* body) {
    Request request;
    prepare(request);
    CURL* curl = curl_.get();
    curl_easy_setopt(curl, CURLOPT_URL, (endpoint_.url + path).c_str());
    if (body) {
        request.is_post = true;
        request.length = body->size();
        // Only so does libcurl 7.88 sign what it sends.
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->c_str());
    }
    error_.front() = '\0';
    Answer& answer = request.answer;
    answer.failure = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    answer.status = status >= 200 ? static_cast<int>(status) : 0;
    answer.connected = request.connections > 0;
    answer.sent_whole = request.may_be_done();
    answer.problem = *error_.c_str() ? error_.c_str() : curl_easy_strerror(answer.failure);
    return answer;
}

Answer Exchange::get(const std::string& path) {
    return perform(path, nullptr);
}

Answer Exchange::post(const std::string& path, const std::string& body) {
    return perform(path, &body);
}

} // namespace mogiri::plugins
