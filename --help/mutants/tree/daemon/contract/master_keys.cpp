// Reads the master key file and derives secrets by HKDF-SHA256.
#include "master_keys.hpp"

#include <charconv>
#include <fstream>
#include <memory>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sstream>
#include <stdexcept>

namespace mogiri {

namespace {

template <auto Free> struct Freed {
    template <typename T> void operator()(T* handle) const { Free(handle); }
};

[[noreturn]] void refuse(std::size_t line, const std::string& what) {
    throw std::invalid_argument("key file, line " + std::to_string(line) + ": " + what +
                                "; a line is \"<key id 0-15> <64 hex digits>\"");
}

Secret secret_of(const std::string& digits, std::size_t line) {
    Secret secret;
    if (digits.size() != 2 * secret.size())
        refuse(line, "the key has " + std::to_string(digits.size()) + " characters");
    for (std::size_t i = 0; i < secret.size(); ++i) {
        const char* at = digits.data() + 2 * i;
        if (auto [end, error] = std::from_chars(at, at + 2, secret[i], 16);
            error != std::errc() || end != at + 2)
            refuse(line, "the key is not hexadecimal");
    }
    return secret;
}

} // namespace

MasterKeys MasterKeys::parse(std::string_view text) {
    MasterKeys keys;
    std::istringstream lines{std::string(text)};
    std::string line;
    for (std::size_t number = 1; std::getline(lines, line); ++number) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::string digits, rest;
        int id = 0;
        if (!(words >> std::ws) || words.eof())
            continue;
        if (!(words >> id >> digits) || words >> rest || id < 0 || id > 15)
            refuse(number, "not understood");
        if (!keys.keys_.emplace(static_cast<std::uint8_t>(id), secret_of(digits, number)).second)
            refuse(number, "key id " + std::to_string(id) + " stands twice");
        keys.signing_key_ = static_cast<std::uint8_t>(id);
    }
    if (keys.keys_.empty() || keys.keys_.size() > 2)
        throw std::invalid_argument("key file: " + std::to_string(keys.keys_.size()) +
                                    " keys; there must be one, or two while keys are being changed");
    return keys;
}

MasterKeys MasterKeys::load(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf()))
        throw std::invalid_argument("cannot read key file " + path +
                                    "; make one with: mogirictl keys create " + path);
    return parse(text.str());
}

std::vector<std::uint8_t> MasterKeys::key_ids() const {
    std::vector<std::uint8_t> ids{signing_key_};
    for (const auto& [id, secret] : keys_)
        if (id != signing_key_)
            ids.push_back(id);
    return ids;
}

Secret MasterKeys::derive(std::string_view purpose, std::uint32_t event, std::uint8_t key_id) const {
    const Secret& master = keys_.at(key_id);
    std::string info = "mogiri " + std::string(purpose) + " " + std::to_string(event);
    std::string digest = "SHA256";
    std::unique_ptr<EVP_KDF, Freed<EVP_KDF_free>> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
    std::unique_ptr<EVP_KDF_CTX, Freed<EVP_KDF_CTX_free>> context(EVP_KDF_CTX_new(kdf.get()));
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<std::uint8_t*>(master.data()),
                                          master.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
        OSSL_PARAM_construct_end(),
    };
    Secret secret;
    if (!context || EVP_KDF_derive(context.get(), secret.data(), secret.size(), parameters) != 1)
        throw std::runtime_error("OpenSSL refused HKDF-SHA256");
    return secret;
}

} // namespace mogiri
