// Secrets on their way through Redis, and links' tokens: libsodium's secretbox, and a MAC over a number.
#include "sealed.hpp"

#include <array>
#include <stdexcept>

#include <sodium.h>

#include "base32.hpp"
#include "big_endian.hpp"

namespace mogiri {

namespace {

constexpr std::size_t nonce_size = crypto_secretbox_NONCEBYTES, seal_size = crypto_secretbox_MACBYTES;
constexpr std::size_t link_seal_size = 16;
static_assert(std::tuple_size_v<Secret> == crypto_secretbox_KEYBYTES);

// No event has number 0: what is sealed belongs to people.
constexpr std::uint32_t people = 0;

std::string bytes_in(const std::vector<std::uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string spell(std::string_view bytes) {
    return base32_encode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string link_seal(const MasterKeys& keys, std::uint8_t key_id, std::string_view number) {
    const Digest digest = hmac_sha256(keys.derive("link", people, key_id), number);
    return {reinterpret_cast<const char*>(digest.data()), link_seal_size};
}

} // namespace

std::string seal(const MasterKeys& keys, std::string_view purpose, std::string_view secret) {
    const Secret key = keys.derive(purpose, people, keys.signing_key());
    std::vector<std::uint8_t> box(nonce_size + seal_size + secret.size());
    random_bytes({box.data(), nonce_size});
    if (crypto_secretbox_easy(box.data() + nonce_size, reinterpret_cast<const unsigned char*>(secret.data()),
                              secret.size(), box.data(), key.data()) != 0)
        throw std::runtime_error("libsodium sealed nothing");
    return base32_encode(box);
}

std::optional<std::string> unseal(const MasterKeys& keys, std::string_view purpose, std::string_view sealed) {
    const auto box = base32_decode(sealed);
    if (!box || box->size() < nonce_size + seal_size)
        return std::nullopt;
    std::string secret(box->size() - nonce_size - seal_size, '\0');
    for (std::uint8_t key_id : keys.key_ids()) {
        const Secret key = keys.derive(purpose, people, key_id);
        if (crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(secret.data()),
                                       box->data() + nonce_size, box->size() - nonce_size, box->data(),
                                       key.data()) == 0)
            return secret;
    }
    return std::nullopt;
}

std::string link_token(const MasterKeys& keys, std::int64_t number) {
    std::string bytes;
    put_number<8>(bytes, static_cast<std::uint64_t>(number));
    return spell(bytes + link_seal(keys, keys.signing_key(), bytes));
}

std::optional<std::int64_t> link_number(const MasterKeys& keys, std::string_view token) {
    const auto decoded = base32_decode(token);
    if (!decoded || decoded->size() != 8 + link_seal_size)
        return std::nullopt;
    const std::string bytes = bytes_in(*decoded), number = bytes.substr(0, 8);
    bool genuine = false;
    for (std::uint8_t key_id : keys.key_ids())
        genuine = genuine || equal_in_constant_time(link_seal(keys, key_id, number), bytes.substr(8));
    if (!genuine)
        return std::nullopt;
    return static_cast<std::int64_t>(number_at<8>(number, 0));
}

} // namespace mogiri
