// One HTTP request after another over a connection that is kept, by libcurl; a request is sent once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <curl/curl.h>

#include "endpoint.hpp"

namespace mogiri::plugins {

struct Answer {
    int status = 0;           // 0: none came
    unsigned retry_after = 0; // seconds that the server asked for
    std::string error_type;   // of AWS: what stands before the colon in x-amzn-ErrorType
    std::string body;

    // Of a request without a status.
    bool connected = false;
    bool sent_whole = false; // so that the server may have done what was asked
    CURLcode failure = CURLE_OK;
    std::string problem; // what libcurl says
};

// How requests are signed. Strings live as long as the exchange.
struct Credentials {
    std::string user, password;
    std::string aws_scope; // "ap-northeast-1:ses": by Signature Version 4; empty: HTTP's basic authentication
};

// Owner: one thread.
class Exchange {
  public:
    // Throws std::bad_alloc and std::runtime_error. Connects only when there is something to ask.
    Exchange(Endpoint endpoint, Credentials credentials, const std::vector<std::string>& headers);

    Answer get(const std::string& path);
    Answer post(const std::string& path, const std::string& body);

  private:
    struct Request;
    Answer perform(const std::string& path, const std::string* body);
    void prepare(Request& request);

    struct Freed {
        void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
        void operator()(curl_slist* list) const { curl_slist_free_all(list); }
    };

    Endpoint endpoint_;
    Credentials credentials_;
    std::string error_;
    std::unique_ptr<curl_slist, Freed> headers_;
    std::unique_ptr<CURL, Freed> curl_;
};

} // namespace mogiri::plugins
