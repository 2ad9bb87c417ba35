// The code in a ticket's QR: 34 characters that only the holders of the master key can make.
//
//   byte  0      version (high nibble, 1) and key id (low nibble)
//   bytes 1-3    event number, big endian
//   bytes 4-8    ticket serial, big endian
//   bytes 9-20   HMAC-SHA256 over bytes 0-8, cut to its first 12 bytes
//
// 21 bytes are 34 base32 characters with 2 spare bits, which must be zero.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "master_keys.hpp"

namespace mogiri {

inline constexpr std::size_t ticket_code_length = 34;
inline constexpr std::uint32_t last_event_number = 0xffffff;
inline constexpr std::uint64_t last_ticket_serial = 0xffffffffffULL;

struct TicketId {
    std::uint32_t event = 0;
    std::uint64_t serial = 0;
    std::uint8_t key_id = 0;
    bool operator==(const TicketId&) const = default;
};

enum class CodeVerdict {
    genuine,
    misshapen, // wrong length, alphabet, spare bits or version: never was a code of ours
    forged,    // right shape, but not signed by a key that we hold
};

// Issues and verifies codes. Keeps derived keys; one object per thread.
class TicketCodes {
  public:
    explicit TicketCodes(MasterKeys keys) : keys_(std::move(keys)) {}

    std::string issue(std::uint32_t event, std::uint64_t serial);
    // With the key that signed the ticket first, so that a mail sent again carries the same code.
    std::string issue(const TicketId& ticket);

    // `ticket` is set when the code is genuine.
    CodeVerdict verify(std::string_view code, TicketId& ticket);

    std::uint8_t signing_key() const { return keys_.signing_key(); }

  private:
    const Secret& key_of(std::uint32_t event, std::uint8_t key_id);

    MasterKeys keys_;
    std::map<std::pair<std::uint32_t, std::uint8_t>, Secret> derived_;
};

// 8 characters of Crockford's base32 for people to read out: 7 spell the scrambled serial, the last is a
// check character (Luhn mod 32) that catches every single mistyped character. It never admits by itself.
std::string ticket_reference(std::uint64_t serial);

// The reference as it was issued, of one that a person typed. Nothing when it is not plausible.
std::optional<std::string> read_reference(std::string_view typed);

// Whether the reference is well formed; lower case and the look-alikes I, L, O are read as Crockford says.
bool reference_is_plausible(std::string_view reference);

} // namespace mogiri
