// The master key file and the secrets derived from it (HKDF-SHA256, RFC 5869).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "digest.hpp"

namespace mogiri {

// Read by nginx's master process and by the daemon; immutable afterwards, safe to share between threads.
class MasterKeys {
  public:
    // Text: one line "<key id 0-15> <64 hex digits>" per key, '#' starts a comment; one or two keys.
    // The last line is the key that signs; the other one is still accepted. Throws std::invalid_argument
    // naming the line.
    static MasterKeys parse(std::string_view text);
    static MasterKeys load(const std::string& path);

    std::uint8_t signing_key() const { return signing_key_; }
    bool has(std::uint8_t key_id) const { return keys_.contains(key_id); }
    std::vector<std::uint8_t> key_ids() const; // the signing one first

    // HKDF with an empty salt and info "mogiri <purpose> <event>". Precondition: has(key_id).
    Secret derive(std::string_view purpose, std::uint32_t event, std::uint8_t key_id) const;

  private:
    std::map<std::uint8_t, Secret> keys_;
    std::uint8_t signing_key_ = 0;
};

} // namespace mogiri
