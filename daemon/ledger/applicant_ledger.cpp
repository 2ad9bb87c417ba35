// An application after it was decided, as its applicant sees and changes it.
#include "applicant_ledger.hpp"

namespace mogiri::daemon {

std::optional<HeldApplication> ApplicantLedger::find(std::uint32_t event, const std::string& application) {
    const Result rows = database_.query(
        "SELECT form, coalesce(code, ''), coalesce((SELECT m.state FROM mail_outbox m WHERE m.application = "
        "a.id AND m.kind = 'tickets' ORDER BY generation DESC LIMIT 1), '') "
        "FROM application a WHERE event = $1 AND id = $2",
        {event, application});
    if (rows.empty())
        return std::nullopt;
    return HeldApplication{rows[0].string(0), rows[0].string(1), rows[0].string(2)};
}

std::vector<HeldTicket> ApplicantLedger::tickets(std::uint32_t event, const std::string& application) {
    std::vector<HeldTicket> tickets;
    for (Row row : database_.query(
             "SELECT DISTINCT ON (position) serial, position, guest_name, ticket.kind, reference, "
             "       CASE WHEN status = 'valid' THEN 'valid' "
             "            WHEN last.kind = 'returned' THEN 'returned' ELSE 'revoked' END, "
             "       EXISTS (SELECT FROM ticket_day d WHERE d.event = ticket.event AND d.serial = "
             "               ticket.serial AND d.cycle > 0) "
             "FROM ticket LEFT JOIN ticket_change last USING (event, serial, version) "
             "WHERE event = $1 AND application = $2 ORDER BY position, serial DESC",
             {event, application}))
        tickets.push_back({static_cast<std::uint64_t>(row.number(0)), static_cast<int>(row.number(1)),
                           row.string(2), row.string(3), row.string(4), row.string(5), row.truth(6)});
    return tickets;
}

std::int64_t ApplicantLedger::resend_after(const std::string& application) {
    const Result rows = database_.query(
        "SELECT ceil(extract(epoch FROM created_at + interval '1 hour' - now()))::bigint FROM mail_outbox "
        "WHERE application = $1 AND kind = 'tickets' AND generation > 1 "
        "  AND created_at > now() - interval '1 hour' "
        "ORDER BY created_at DESC OFFSET $2 LIMIT 1",
        {application, resends_an_hour - 1});
    return rows.empty() ? 0 : rows[0].number(0);
}

bool ApplicantLedger::lock(std::uint32_t event, const std::string& application) {
    return !database_
                .query("SELECT FROM application WHERE event = $1 AND id = $2 AND state = 'issued' FOR UPDATE",
                       {event, application})
                .empty();
}

std::optional<std::int64_t> ApplicantLedger::owe_tickets(const std::string& application) {
    const Result rows = database_.query(
        "INSERT INTO mail_outbox (event, application, kind, generation, recipient, language) "
        "SELECT event, id, 'tickets', 1 + coalesce((SELECT max(generation) FROM mail_outbox m "
        "       WHERE m.application = a.id AND m.kind = 'tickets'), 0), email, language "
        "FROM application a WHERE id = $1 AND EXISTS (SELECT FROM ticket WHERE ticket.event = a.event AND "
        "     ticket.application = a.id AND status = 'valid') RETURNING id",
        {application});
    if (rows.empty())
        return std::nullopt;
    return rows[0].number(0);
}

} // namespace mogiri::daemon
