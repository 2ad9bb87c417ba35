// What the door knows of a ticket: the string `{e}:t:<serial>`. What is done with the ticket stands behind everything else, so that
// the record of a first entry is the one before with some bytes more.
//
// All numbers big endian.
//   0      format, 130 (no outcome of a scan: mogiri_checkin answers with records)
//   1-6    version of the ledger's row: an older one never overwrites
//   7-14   reference, 8 characters
//   15-    the guest's name, UTF-8
//   then   'V' valid or 'R' revoked (a tombstone); of a test ticket 'T' or 't'
//          kind, its index in the event's settings
//          allowance, people a day
//          131
// and that is all, while the ticket was never used. A ticket whose only scan was a first entry has 23 bytes more:
//   gate 2, device 4, nonce digest 8, time 6, day 1, left 1, 132
// Any other:
//   d × 18 bytes, a day with any use, in the order of first use:
//            day 1, inside 1, cycle 2 (admissions so far), first admission: time 6, gate 2, device 4,
//            admissions undone at the door 1, admissions given back 1
//   s × 24 bytes, the last scans, oldest first; at most 5: the last four, and where none of them changed the use, the last one
//          before them that did:
//            device 4, nonce digest 8, time 6, outcome 1 (CheckinOutcome; +64: a refusal was overridden, +128: a
//            double read), direction 1 ('E' or 'X'), day 1,
//            left 1, cycle 2
//   d 1, s 1, 133
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
    // Of the admissions, by a supervisor at the door and by staff: they no longer use the allowance up.
    std::uint8_t undone = 0, given_back = 0;
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

std::string encode(const TicketScan& scan); // its 24 bytes
std::string encode(const TicketRecord& record);
std::optional<TicketRecord> decode_ticket_record(std::string_view bytes);

// A record of a ticket that was never used, as mogiri_checkin answers with it. Points into the bytes.
struct UnusedTicket {
    char status = 'V';
    std::uint8_t kind = 0, allowance = 1;
    std::string_view reference, name;
};
std::optional<UnusedTicket> read_unused_ticket(std::string_view bytes);

} // namespace mogiri
