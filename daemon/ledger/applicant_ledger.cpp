// An application after it was decided, as its applicant sees and changes it.
#include "applicant_ledger.hpp"

#include "../road/decide.hpp"
#include "application_desk.hpp"

namespace mogiri::daemon {

namespace {

// Seconds until the oldest of the latest `most` is an hour old, of moments in the column "at".
constexpr const char* wait_of_latest =
    "SELECT ceil(extract(epoch FROM at + interval '1 hour' - now()))::bigint FROM latest "
    "WHERE at > now() - interval '1 hour' ORDER BY at DESC OFFSET $2 LIMIT 1";

std::int64_t wait_in(const Result& rows) {
    return rows.empty() ? 0 : rows[0].number(0);
}

} // namespace

std::optional<HeldApplication> ApplicantLedger::find(std::uint32_t event, const std::string& application) {
    const Result rows = database_.query("SELECT form, coalesce(code, ''), tickets, applicant, "
                                        "coalesce((SELECT m.state FROM mail_outbox m WHERE m.application = "
                                        "a.id AND m.kind = CASE WHEN a.state = 'issued' THEN 'tickets' ELSE "
                                        "a.state END ORDER BY generation DESC LIMIT 1), ''), state "
                                        "FROM application a WHERE event = $1 AND id = $2",
                                        {event, application});
    if (rows.empty())
        return std::nullopt;
    return HeldApplication{rows[0].string(0), rows[0].string(5), rows[0].string(1),
                           rows[0].number(2), rows[0].string(3), rows[0].string(4)};
}

std::vector<HeldTicket> ApplicantLedger::tickets(std::uint32_t event, const std::string& application) {
    std::vector<HeldTicket> tickets;
    for (Row row : database_.query(
             "SELECT DISTINCT ON (position) serial, position, guest_name, ticket.kind, reference, "
             "       CASE WHEN status = 'valid' THEN 'valid' "
             "            WHEN last.kind = 'returned' THEN 'returned' ELSE 'revoked' END, "
             "       EXISTS (SELECT FROM ticket_day d WHERE d.event = ticket.event AND d.serial = "
             "               ticket.serial AND d.cycle > d.given_back + d.undone), key_id "
             "FROM ticket LEFT JOIN ticket_change last USING (event, serial, version) "
             "WHERE event = $1 AND application = $2 ORDER BY position, serial DESC",
             {event, application}))
        tickets.push_back({static_cast<std::uint64_t>(row.number(0)), static_cast<int>(row.number(1)),
                           row.string(2), row.string(3), row.string(4), row.string(5), row.truth(6),
                           static_cast<std::uint8_t>(row.number(7))});
    return tickets;
}

std::optional<WaitingPlace> ApplicantLedger::place(const EventSettings& event,
                                                   const std::string& application) {
    const auto mine = find(event.number, application);
    const Form* form = mine ? event.form(mine->form) : nullptr;
    if (form == nullptr || mine->state != "waiting")
        return std::nullopt;
    std::vector<std::string> beside;
    for (const Form& other : event.forms)
        if (share_places(event, event.kinds.at(form->kind), event.kinds.at(other.kind)))
            beside.push_back(other.id);
    for (Row row : database_.query(
             "SELECT count(*) FILTER (WHERE other.place <= mine.place), count(*) "
             "FROM application AS mine JOIN application AS other ON other.event = mine.event AND other.state "
             "= "
             "'waiting' AND other.form = ANY ($2::text[]) WHERE mine.id = $1 AND mine.state = 'waiting'",
             {application, beside}))
        if (row.number(0) > 0)
            return WaitingPlace{row.number(0), row.number(1)};
    return std::nullopt;
}

std::int64_t ApplicantLedger::resend_after(const std::string& application) {
    const std::string query =
        std::string("WITH latest AS (SELECT created_at AS at FROM mail_outbox WHERE "
                    "application = $1 AND kind IN ('tickets', 'unconfirmed') AND generation > 1) ") +
        wait_of_latest;
    return wait_in(database_.query(query.c_str(), {application, resends_an_hour - 1}));
}

std::int64_t ApplicantLedger::rename_after(const std::string& application) {
    const std::string query =
        std::string("WITH latest AS (SELECT changed_at AS at FROM ticket JOIN ticket_change change USING "
                    "(event, serial) WHERE application = $1 AND change.kind = 'renamed') ") +
        wait_of_latest;
    return wait_in(database_.query(query.c_str(), {application, renames_an_hour - 1}));
}

bool ApplicantLedger::lock(std::uint32_t event, const std::string& application, std::string_view state) {
    return !database_
                .query("SELECT FROM application WHERE event = $1 AND id = $2 AND state = $3 FOR UPDATE",
                       {event, application, state})
                .empty();
}

std::optional<HeldTicket> ApplicantLedger::ticket(std::uint32_t event, const std::string& application,
                                                  int position) {
    database_.query("SELECT FROM ticket WHERE event = $1 AND application = $2 AND position = $3 FOR UPDATE",
                    {event, application, position});
    for (const HeldTicket& ticket : tickets(event, application))
        if (ticket.position == position)
            return ticket;
    return std::nullopt;
}

NewTicket ApplicantLedger::rename(const HeldTicket& ticket, const std::string& name, std::uint32_t event,
                                  std::uint8_t signing_key, const std::vector<TicketDayUse>& door) {
    TicketSuccession succession(database_, signing_key);
    const NewTicket next = succession.next(event);
    succession.replace(static_cast<std::int64_t>(ticket.serial), next, "renamed",
                       "its guest's name was corrected", name, door);
    tell_redis(event, ticket.serial);
    tell_redis(event, static_cast<std::uint64_t>(next.serial));
    return next;
}

void ApplicantLedger::give_back(std::uint32_t event, const std::string& application,
                                const HeldTicket& ticket) {
    database_.query("WITH changed AS (UPDATE ticket SET status = 'revoked', version = version + 1 "
                    "WHERE event = $1 AND serial = $2 RETURNING event, serial, version) "
                    "INSERT INTO ticket_change (event, serial, version, kind, reason) "
                    "SELECT event, serial, version, 'returned', 'its applicant gave it back' FROM changed",
                    {event, ticket.serial});
    tell_redis(event, ticket.serial);
    database_.query("UPDATE application SET returned = returned + 1 WHERE id = $1", {application});
}

void ApplicantLedger::leave(const std::string& application) {
    ApplicationDesk(database_).cancel({application}, "its applicant left the waiting list");
}

// The desk publishes what it changed itself; the publisher looks after it when it has not within this time.
void ApplicantLedger::tell_redis(std::uint32_t event, std::uint64_t serial) {
    database_.query("INSERT INTO cache_outbox (event, kind, serial, due_at) "
                    "VALUES ($1, 'ticket', $2, now() + interval '2 seconds')",
                    {event, serial});
}

std::optional<std::int64_t> ApplicantLedger::owe_tickets(const std::string& application) {
    const Result rows = database_.query(
        "INSERT INTO mail_outbox (event, application, kind, generation, recipient, language) "
        "SELECT event, id, 'tickets', 1 + coalesce((SELECT max(generation) FROM mail_outbox m "
        "       WHERE m.application = a.id AND m.kind = 'tickets'), 0), email, language "
        "FROM application a WHERE id = $1 AND email <> '' AND NOT test AND EXISTS (SELECT FROM ticket WHERE "
        "     ticket.event = a.event AND ticket.application = a.id AND status = 'valid') RETURNING id",
        {application});
    if (rows.empty())
        return std::nullopt;
    return rows[0].number(0);
}

std::int64_t ApplicantLedger::owe_link(const std::string& application) {
    return database_
        .query("INSERT INTO mail_outbox (event, application, kind, generation, recipient, language) "
               "SELECT event, id, 'unconfirmed', 1 + (SELECT max(generation) FROM mail_outbox m "
               "       WHERE m.application = a.id AND m.kind = 'unconfirmed'), email, language "
               "FROM application a WHERE id = $1 RETURNING id",
               {application})[0]
        .number(0);
}

} // namespace mogiri::daemon
