// A hold is a tombstone of a version that the ledger has passed over: whatever the ledger publishes next is
// newer (tests/system/test_after_applying.py: a let-in just before a correction).
#include "door_hold.hpp"

#include <redis_keys.hpp>

#include "publish_command.hpp"

namespace mogiri::daemon {

void DoorHold::take(std::uint32_t event, const std::vector<std::uint64_t>& serials) {
    std::vector<std::uint64_t> held;
    {
        Transaction transaction(database_);
        database_.query("SELECT FROM ticket WHERE event = $1 AND serial = ANY ($2::bigint[]) ORDER BY serial "
                        "FOR UPDATE",
                        {event, serials});
        for (Row row : database_.query(
                 "WITH held AS (UPDATE ticket SET version = version + 2 WHERE event = $1 AND "
                 "              serial = ANY ($2::bigint[]) AND status = 'valid' RETURNING serial) "
                 "INSERT INTO cache_outbox (event, kind, serial, due_at) "
                 "SELECT $1, 'ticket', serial, now() + interval '15 seconds' FROM held RETURNING serial",
                 {event, serials}))
            held.push_back(static_cast<std::uint64_t>(row.number(0)));
        transaction.commit();
    }
    if (held.empty())
        return;
    PublishCommand command(event, PublishMode::merge);
    for (const LedgerTicket& ticket : records_.of(event, held)) {
        TicketRecord record = decode_ticket_record(ticket.record).value();
        record.revoked = true;
        --record.version;
        command.add(ticket.serial, encode(record));
    }
    redis_.command(command.words(redis_.run_id()));
}

void DoorHold::give_up(std::uint32_t event, const std::vector<std::uint64_t>& serials) {
    database_.query("UPDATE cache_outbox SET due_at = now() WHERE event = $1 AND serial = ANY ($2::bigint[])",
                    {event, serials});
    database_.query("SELECT pg_notify('mogiri_cache', '')");
}

std::vector<TicketDayUse> DoorHold::use_of(std::uint32_t event, std::uint64_t serial) {
    const Reply reply = redis_.command({"GET", redis_keys::ticket(event, serial)});
    const auto record = decode_ticket_record(reply.text());
    return record ? record->days : std::vector<TicketDayUse>();
}

} // namespace mogiri::daemon
