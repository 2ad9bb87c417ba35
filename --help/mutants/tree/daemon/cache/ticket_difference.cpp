// What the door's record of a ticket has otherwise than the ledger, and how it is mended.
#include "ticket_difference.hpp"

#include <algorithm>
#include <set>

namespace mogiri::daemon {

namespace {

TicketDayUse use_of(const TicketRecord& record, std::uint8_t day) {
    const auto found = std::ranges::find(record.days, day, &TicketDayUse::day);
    return found == record.days.end() ? TicketDayUse{.day = day} : *found;
}

bool is_same(const TicketDayUse& one, const TicketDayUse& other) {
    return one.inside == other.inside && one.cycle == other.cycle && one.given_back == other.given_back &&
           one.first_ms == other.first_ms;
}

std::set<std::uint8_t> days_of(const TicketRecord& one, const TicketRecord& other) {
    std::set<std::uint8_t> days;
    for (const TicketRecord* record : {&one, &other})
        for (const TicketDayUse& use : record->days)
            days.insert(use.day);
    return days;
}

} // namespace

std::vector<std::string_view> differences(const TicketRecord& ledger, const TicketRecord& door) {
    std::vector<std::string_view> found;
    const auto compare = [&](std::string_view what, bool same) {
        if (!same)
            found.push_back(what);
    };
    compare("status", ledger.revoked == door.revoked);
    compare("kind", ledger.kind == door.kind);
    compare("allowance", ledger.allowance == door.allowance);
    compare("test", ledger.test == door.test);
    compare("version", ledger.version == door.version);
    compare("reference", ledger.reference == door.reference);
    compare("name", ledger.name == door.name);
    compare("use", ledger.test || std::ranges::all_of(days_of(ledger, door), [&](std::uint8_t day) {
                       return is_same(use_of(ledger, day), use_of(door, day));
                   }));
    return found;
}

TicketRecord mended(const TicketRecord& ledger, const TicketRecord& door) {
    TicketRecord record = ledger;
    if (ledger.test) {
        record.days = door.days;
        record.scans = door.scans;
        return record;
    }
    for (const TicketDayUse& kept : door.days) {
        if (kept.cycle <= use_of(ledger, kept.day).cycle)
            continue;
        record.scans = door.scans;
        const auto same_day = std::ranges::find(record.days, kept.day, &TicketDayUse::day);
        if (same_day == record.days.end())
            record.days.push_back(kept);
        else
            *same_day = kept;
    }
    return record;
}

} // namespace mogiri::daemon
