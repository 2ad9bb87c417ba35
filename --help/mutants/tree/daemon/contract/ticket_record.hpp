// What the door knows of a ticket: the string `{e}:t:<serial>`, a fixed-width head with everything else
// behind it.
//
// All numbers big endian.
//   0      format, 1
//   1      'V' valid or 'R' revoked (a tombstone); of a test ticket 'T' or 't'
//   2      kind, its index in the event's settings
//   3      allowance, people a day
//   4-9    version of the ledger's row: an older one never overwrites
//   10     d, number of day entries
//   11     s, number of scan entries, at most 4
//   12-    d × 18 bytes, a day with any use, in the order of first use:
//            day 1, inside 1, cycle 2 (admissions so far), first admission: time 6, gate 2, device 4,
//            admissions given back 2
//   then   s × 24 bytes, the last scans, oldest first:
//            device 4, nonce digest 8, time 6, outcome 1 (CheckinOutcome), direction 1 ('E' or 'X'), day 1,
//            left 1, cycle 2
//   then   reference, 8 characters, and the guest's name, UTF-8
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mogiri {

struct TicketDayUse {
    std::uint8_t day = 0;
    std::uint8_t inside = 0;
    std::uint16_t cycle = 0;
    std::int64_t first_ms = 0;
    std::uint16_t first_gate = 0;
    std::uint32_t first_device = 0;
    std::uint16_t given_back = 0; // of the admissions: they no longer use the allowance up
    bool operator==(const TicketDayUse&) const = default;
};

struct TicketScan {
    std::uint32_t device = 0;
    std::string nonce_digest; // 8 bytes
    std::int64_t time_ms = 0;
    std::uint8_t outcome = 0;
    char direction = 'E';
    std::uint8_t day = 0;
    std::uint8_t left = 0;
    std::uint16_t cycle = 0;
    bool operator==(const TicketScan&) const = default;
};

struct TicketRecord {
    bool revoked = false;
    std::uint8_t kind = 0;
    std::uint8_t allowance = 1;
    std::uint64_t version = 0;
    std::vector<TicketDayUse> days;
    std::vector<TicketScan> scans;
    std::string reference, name;
    bool test = false; // counts in no figure
    bool operator==(const TicketRecord&) const = default;
};

std::string encode(const TicketRecord& record);
std::optional<TicketRecord> decode_ticket_record(std::string_view bytes);

} // namespace mogiri
