// The signed token in a form's hidden field: it carries the submission's idempotency key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "master_keys.hpp"

namespace mogiri {

inline constexpr std::int64_t form_token_life_ms = 24LL * 60 * 60 * 1000;

// What a genuine token says.
struct FormVisit {
    std::string key;            // the submission's idempotency key
    std::int64_t issued_ms = 0; // when the form was opened
    bool operator==(const FormVisit&) const = default;
};

// 44 base32 characters: time 6 bytes, random submission id 10 bytes, HMAC 11 bytes over both and the form's
// id.
class FormTokens {
  public:
    explicit FormTokens(const MasterKeys& keys) : keys_(keys) {}

    std::string issue(std::uint32_t event, std::string_view form, std::int64_t now_ms) const;

    // Nothing when forged, of another event or form, from the future, or too old.
    std::optional<FormVisit> verify(std::string_view token, std::uint32_t event, std::string_view form,
                                    std::int64_t now_ms) const;

  private:
    MasterKeys keys_;
};

// The application's id and the status address: 26 base32 characters that nobody guesses, the same for the
// same key.
std::string application_id(const MasterKeys& keys, std::uint32_t event, std::string_view idempotency_key);

// What the link in a mail to an application's address proves: that its reader has the mail. 26 base32
// characters, by the key that signs; good with each key that there is, for this application and this purpose
// alone.
std::string confirmation_token(const MasterKeys& keys, std::uint32_t event, std::string_view application);
bool confirms(const MasterKeys& keys, std::uint32_t event, std::string_view application,
              std::string_view token);

bool application_id_is_plausible(std::string_view id);

} // namespace mogiri
