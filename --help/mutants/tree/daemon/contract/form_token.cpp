// Form tokens and application ids.
#include "form_token.hpp"

#include <array>

#include "base32.hpp"
#include "big_endian.hpp"

namespace mogiri {

namespace {

constexpr std::size_t submission_size = 10;
constexpr std::size_t seal_size = 11;
constexpr std::size_t token_size = 6 + submission_size + seal_size;
constexpr std::int64_t clock_tolerance_ms = 60'000; // two hosts behind one name

std::string seal_of(const MasterKeys& keys, std::uint8_t key_id, std::uint32_t event, std::string_view form,
                    std::string_view claims) {
    const Digest seal =
        hmac_sha256(keys.derive("form", event, key_id), std::string(claims) + std::string(form));
    return {reinterpret_cast<const char*>(seal.data()), seal_size};
}

std::string spell(std::string_view bytes) {
    return base32_encode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string confirmation_by(const MasterKeys& keys, std::uint8_t key_id, std::uint32_t event,
                            std::string_view application) {
    const Digest digest = hmac_sha256(keys.derive("confirmation", event, key_id), application);
    return base32_encode({digest.data(), 16});
}

} // namespace

std::string FormTokens::issue(std::uint32_t event, std::string_view form, std::int64_t now_ms) const {
    std::array<std::uint8_t, submission_size> submission;
    random_bytes(submission);
    std::string bytes;
    put_number<6>(bytes, static_cast<std::uint64_t>(now_ms));
    bytes.append(submission.begin(), submission.end());
    bytes += seal_of(keys_, keys_.signing_key(), event, form, bytes);
    return spell(bytes);
}

std::optional<FormVisit> FormTokens::verify(std::string_view token, std::uint32_t event,
                                            std::string_view form, std::int64_t now_ms) const {
    const auto decoded = base32_decode(token);
    if (!decoded || decoded->size() != token_size)
        return std::nullopt;
    const std::string_view bytes(reinterpret_cast<const char*>(decoded->data()), decoded->size());
    const std::string_view claims = bytes.substr(0, token_size - seal_size);
    bool genuine = false;
    for (std::uint8_t key_id : keys_.key_ids())
        genuine = genuine || equal_in_constant_time(seal_of(keys_, key_id, event, form, claims),
                                                    bytes.substr(claims.size()));
    const auto issued_ms = static_cast<std::int64_t>(number_at<6>(bytes, 0));
    if (!genuine || issued_ms > now_ms + clock_tolerance_ms || now_ms - issued_ms > form_token_life_ms)
        return std::nullopt;
    return FormVisit{"form " + spell(claims.substr(6)), issued_ms};
}

std::string application_id(const MasterKeys& keys, std::uint32_t event, std::string_view idempotency_key) {
    // The older of two keys: a repeat finds its application while keys are being changed.
    const Digest digest =
        hmac_sha256(keys.derive("application", event, keys.key_ids().back()), idempotency_key);
    return base32_encode({digest.data(), 16});
}

std::string confirmation_token(const MasterKeys& keys, std::uint32_t event, std::string_view application) {
    return confirmation_by(keys, keys.signing_key(), event, application);
}

bool confirms(const MasterKeys& keys, std::uint32_t event, std::string_view application,
              std::string_view token) {
    bool genuine = false;
    for (std::uint8_t key_id : keys.key_ids())
        genuine = genuine || equal_in_constant_time(confirmation_by(keys, key_id, event, application), token);
    return genuine;
}

bool application_id_is_plausible(std::string_view id) {
    return id.size() == 26 && base32_decode(id).has_value();
}

} // namespace mogiri
