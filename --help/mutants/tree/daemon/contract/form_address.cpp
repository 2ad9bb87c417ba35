// Mail addresses: which are accepted, and which are the same applicant's.
#include <algorithm>

#include "form.hpp"
#include "plain_text.hpp"

namespace mogiri {

namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 5321, 4.1.2: sub-domains of letters, digits and inner hyphens; at least two.
bool domain_is_acceptable(std::string_view domain) {
    if (domain.size() > 253 || domain.find('.') == std::string_view::npos)
        return false;
    while (true) {
        const auto label = domain.substr(0, domain.find('.'));
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
            !std::all_of(label.begin(), label.end(),
                         [](char c) { return is_letter_or_digit(c) || c == '-'; }))
            return false;
        if (label.size() == domain.size())
            return true;
        domain.remove_prefix(label.size() + 1);
    }
}

} // namespace

bool address_is_acceptable(std::string_view email) {
    const auto at = email.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || email.size() > 254)
        return false;
    const std::string_view local = email.substr(0, at);
    // atext of RFC 5322, 3.2.3, and dots anywhere: "a..b.@docomo.ne.jp" was handed out and still receives
    const auto allowed = [](char c) {
        return is_letter_or_digit(c) ||
               std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
    };
    return std::all_of(local.begin(), local.end(), allowed) && domain_is_acceptable(email.substr(at + 1));
}

std::string normalized_address(std::string_view email) {
    std::string address = folded(email);
    std::transform(address.begin(), address.end(), address.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    const auto at = address.rfind('@');
    const auto plus = address.find('+');
    if (plus != std::string::npos && plus > 0 && plus < at)
        address.erase(plus, at - plus);
    return address;
}

bool domain_is_allowed(const Form& form, std::string_view email) {
    const std::string address = normalized_address(email);
    const std::string_view domain = std::string_view(address).substr(address.rfind('@') + 1);
    return form.domains.empty() ||
           std::any_of(form.domains.begin(), form.domains.end(), [domain](const std::string& allowed) {
               return domain == allowed ||
                      (domain.ends_with(allowed) && domain[domain.size() - allowed.size() - 1] == '.');
           });
}

} // namespace mogiri
