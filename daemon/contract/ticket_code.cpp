// Issues and verifies ticket codes; spells references.
#include "ticket_code.hpp"

#include <array>
#include <cctype>
#include <stdexcept>

#include "base32.hpp"
#include "big_endian.hpp"

namespace mogiri {

namespace {

constexpr std::size_t claims_size = 9;
constexpr std::size_t seal_size = 12;
constexpr std::uint8_t code_version = 1;

std::string claims_of(const TicketId& ticket) {
    std::string claims;
    put_number<1>(claims, static_cast<std::uint64_t>(code_version << 4 | ticket.key_id));
    put_number<3>(claims, ticket.event);
    put_number<5>(claims, ticket.serial);
    return claims;
}

std::string_view as_text(const Digest& digest, std::size_t size) {
    return {reinterpret_cast<const char*>(digest.data()), size};
}

} // namespace

const HmacKey& TicketCodes::key_of(std::uint32_t event, std::uint8_t key_id) {
    const auto place = std::pair(event, key_id);
    auto found = derived_.find(place);
    if (found == derived_.end()) {
        if (derived_.size() >= 1024)
            derived_.clear(); // forged codes name events at random; they must not fill the memory
        found = derived_.emplace(place, HmacKey(keys_.derive("ticket", event, key_id))).first;
    }
    return found->second;
}

std::string TicketCodes::issue(std::uint32_t event, std::uint64_t serial) {
    return issue(TicketId{event, serial, keys_.signing_key()});
}

std::string TicketCodes::issue(const TicketId& ticket) {
    if (ticket.event > last_event_number || ticket.serial > last_ticket_serial || !keys_.has(ticket.key_id))
        throw std::invalid_argument("no code for event " + std::to_string(ticket.event) + ", serial " +
                                    std::to_string(ticket.serial) + ", key " + std::to_string(ticket.key_id));
    std::string bytes = claims_of(ticket);
    const Digest seal = key_of(ticket.event, ticket.key_id)(bytes);
    bytes += as_text(seal, seal_size);
    return base32_encode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

CodeVerdict TicketCodes::verify(std::string_view code, TicketId& ticket) {
    if (code.size() != ticket_code_length)
        return CodeVerdict::misshapen;
    std::array<std::uint8_t, claims_size + seal_size> decoded;
    if (!base32_decode(code, decoded) || decoded.front() >> 4 != code_version)
        return CodeVerdict::misshapen;
    const std::string_view bytes(reinterpret_cast<const char*>(decoded.data()), decoded.size());
    const TicketId claimed{static_cast<std::uint32_t>(number_at<3>(bytes, 1)), number_at<5>(bytes, 4),
                           static_cast<std::uint8_t>(decoded.front() & 15)};
    if (!keys_.has(claimed.key_id))
        return CodeVerdict::forged;
    const Digest seal = key_of(claimed.event, claimed.key_id)(bytes.substr(0, claims_size));
    if (!equal_in_constant_time(as_text(seal, seal_size), bytes.substr(claims_size)))
        return CodeVerdict::forged;
    ticket = claimed;
    return CodeVerdict::genuine;
}

namespace {

// Crockford's base32: no I, L, O, U.
constexpr std::string_view reference_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::uint64_t reference_mask = (1ULL << 35) - 1;

int reference_value(char character) {
    const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
    if (upper == 'O')
        return 0;
    if (upper == 'I' || upper == 'L')
        return 1;
    const auto place = reference_alphabet.find(upper);
    return place == std::string_view::npos ? -1 : static_cast<int>(place);
}

// Luhn mod N (ISO/IEC 7812's rule in base 32), doubling every second value from the right.
int check_value(std::string_view seven) {
    int sum = 0;
    for (std::size_t i = 0; i < seven.size(); ++i) {
        const int doubled = reference_value(seven[seven.size() - 1 - i]) * (i % 2 == 0 ? 2 : 1);
        sum += doubled / 32 + doubled % 32;
    }
    return (32 - sum % 32) % 32;
}

} // namespace

std::string ticket_reference(std::uint64_t serial) {
    // An odd factor and a shift of halves are bijections mod 2^35: neighbours look unlike, none meet.
    std::uint64_t scrambled = (serial * 0x2545f4915ULL + 0x1b873593ULL) & reference_mask;
    scrambled ^= scrambled >> 18;
    scrambled = (scrambled * 0x5851f42d5ULL) & reference_mask;
    scrambled ^= scrambled >> 18;
    std::string text;
    for (int shift = 30; shift >= 0; shift -= 5)
        text += reference_alphabet[scrambled >> shift & 31];
    text += reference_alphabet[static_cast<std::size_t>(check_value(text))];
    return text;
}

std::optional<std::string> read_reference(std::string_view typed) {
    if (!reference_is_plausible(typed))
        return std::nullopt;
    std::string reference;
    for (char character : typed)
        reference += reference_alphabet[static_cast<std::size_t>(reference_value(character))];
    return reference;
}

bool reference_is_plausible(std::string_view reference) {
    if (reference.size() != 8)
        return false;
    for (char character : reference)
        if (reference_value(character) < 0)
            return false;
    return check_value(reference.substr(0, 7)) == reference_value(reference[7]);
}

} // namespace mogiri
