// Packs what a scanner holds for the time without a network.
#include "door_bundle.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>

#include "big_endian.hpp"

namespace mogiri {

namespace {

constexpr std::size_t salt_size = 16, digest_size = 8, nonce_size = 12, tag_size = 16, name_step = 32;

std::string text_of(const Digest& digest, std::size_t size) {
    return {reinterpret_cast<const char*>(digest.data()), size};
}

// HMAC keys shorter than a block are filled up with zeros (RFC 2104), so a short one is the same as a long
// one.
Secret secret_of(std::string_view bytes) {
    Secret secret{};
    if (bytes.size() > secret.size())
        throw std::runtime_error("a salt of " + std::to_string(bytes.size()) + " bytes");
    std::copy(bytes.begin(), bytes.end(), secret.begin());
    return secret;
}

// HKDF-SHA256 (RFC 5869), one block.
Secret name_key(std::string_view salt, std::string_view code) {
    return hmac_sha256(hmac_sha256(secret_of(salt), code), std::string_view("mogiri name\x01"));
}

} // namespace

std::string bundle_salt(const MasterKeys& keys, std::uint32_t event, std::uint8_t key_id) {
    return text_of(keys.derive("bundle", event, key_id), salt_size);
}

std::string code_digest(std::string_view salt, std::string_view code) {
    return text_of(sha256(std::string(salt).append(code)), digest_size);
}

std::string seal_name(std::string_view salt, std::string_view code, std::string_view name) {
    std::string plain(name);
    plain.resize((name.size() + name_step - 1) / name_step * name_step);
    const Secret key = name_key(salt, code);
    const std::string nonce = text_of(hmac_sha256(key, plain), nonce_size);
    std::string sealed(plain.size() + tag_size, '\0');
    const auto* input = reinterpret_cast<const unsigned char*>(plain.data());
    auto* output = reinterpret_cast<unsigned char*>(sealed.data());
    const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(),
                                                                                 EVP_CIPHER_CTX_free);
    int written = 0, last = 0;
    if (!cipher ||
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                           reinterpret_cast<const unsigned char*>(nonce.data())) != 1 ||
        EVP_EncryptUpdate(cipher.get(), output, &written, input, static_cast<int>(plain.size())) != 1 ||
        EVP_EncryptFinal_ex(cipher.get(), output + written, &last) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size, output + plain.size()) != 1)
        throw std::runtime_error("OpenSSL refused AES-256-GCM");
    return nonce + sealed;
}

std::string bundle_head(std::string_view magic, std::string_view json) {
    std::string bytes(magic);
    put_number<4>(bytes, json.size());
    return bytes.append(json);
}

std::string encode(const BundleTicket& ticket) {
    std::string bytes;
    put_number<5>(bytes, ticket.serial);
    put_number<1>(bytes, ticket.kind);
    put_number<1>(bytes, ticket.revoked ? 1 : 0);
    bytes += ticket.digest;
    put_number<1>(bytes, ticket.uses.size());
    for (const BundleUse& use : ticket.uses) {
        put_number<1>(bytes, use.day);
        put_number<1>(bytes, use.inside);
        put_number<2>(bytes, use.used);
    }
    return bytes;
}

std::string encode_name(std::uint64_t serial, std::string_view sealed) {
    std::string bytes;
    put_number<5>(bytes, serial);
    put_number<2>(bytes, sealed.size());
    return bytes.append(sealed);
}

} // namespace mogiri
