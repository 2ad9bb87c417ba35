#include "endpoint.hpp"

#include <fstream>

namespace mogiri::plugins {

namespace {

std::string_view host_of(std::string_view url) {
    url.remove_prefix(url.find("://") + 3);
    url = url.substr(0, url.find('/'));
    if (url.starts_with('['))
        return url.substr(1, url.find(']') - 1);
    return url.substr(0, url.find(':'));
}

bool is_plain_url(std::string_view url) {
    for (const char c : url)
        if (c <= ' ' || c > '~' || std::string_view("?#@\"\\<>{}%").find(c) != std::string_view::npos)
            return false;
    return (url.starts_with("https://") || url.starts_with("http://")) && !host_of(url).empty();
}

} // namespace

Endpoint take_endpoint(Options& given, const std::string& usual) {
    Endpoint endpoint;
    endpoint.url = given.take("endpoint");
    const bool allow_plain = given.take_truth("allow_plain");
    endpoint.ca_file = given.take("ca_file");
    given.take_seconds("connect_timeout", endpoint.connect_timeout, 600);
    given.take_seconds("answer_timeout", endpoint.answer_timeout, 600);
    if (endpoint.url.empty())
        endpoint.url = usual;
    if (!is_plain_url(endpoint.url))
        refuse("endpoint", endpoint.url, "must be an address like " + usual);
    while (endpoint.url.ends_with('/'))
        endpoint.url.pop_back();
    if (endpoint.url.starts_with("http://") && !allow_plain && !is_loopback(host_of(endpoint.url)))
        refuse("endpoint", endpoint.url,
               "mails and passwords would cross the network readable; use https, or say allow_plain = true");
    if (!endpoint.ca_file.empty() && !std::ifstream(endpoint.ca_file))
        refuse("ca_file", endpoint.ca_file,
               "cannot be read; name a file of certificates (PEM), or leave it out");
    return endpoint;
}

} // namespace mogiri::plugins
