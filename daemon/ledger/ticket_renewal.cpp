// New tickets for applications that have some.
#include "ticket_renewal.hpp"

#include <json_owner.hpp>
#include <ticket_code.hpp>

#include "application_ledger.hpp"
#include "event_ledger.hpp"
#include "places.hpp"

namespace mogiri::daemon {

namespace {

std::int64_t take_serial(Database& database) {
    return database.query("SELECT nextval('ticket_serial')")[0].number(0);
}

// Under the locks of what limits the kind, so that nobody sells the same room.
void require_room(Database& database, const EventSettings& settings, std::uint32_t event,
                  const TicketKind& kind, std::size_t wanted) {
    for (const std::int64_t number : capacity_locks(event, settings, kind))
        database.query("SELECT pg_advisory_xact_lock($1)", {number});
    const TakenPlaces taken = taken_places(database, {{event, &settings}});
    if (!has_room(settings, event, kind, static_cast<std::int64_t>(wanted), taken))
        throw LedgerRefusal("sold out: kind \"" + kind.id + "\" or one of its days has no room for " +
                            std::to_string(wanted) + " more");
}

} // namespace

Renewal TicketRenewal::reissue(const std::vector<TicketRow>& tickets, const DoorUses& door,
                               std::string_view reason, const GuestNames& guests) {
    Transaction transaction(database_);
    std::vector<std::uint32_t> events;
    std::vector<std::int64_t> serials;
    std::vector<std::string> applications;
    for (const TicketRow& ticket : tickets) {
        events.push_back(ticket.event);
        serials.push_back(ticket.serial);
        applications.push_back(ticket.application);
    }
    Renewal renewal;
    TicketSuccession succession(database_, signing_key_);
    // In the order in which others lock them too: applications, tickets, then what was sold of the kinds.
    database_.query("SELECT FROM application WHERE id = ANY ($1::text[]) ORDER BY id FOR UPDATE",
                    {applications});
    const Result locked =
        database_.query("SELECT event, serial, reference, status, kind FROM ticket JOIN "
                        "(SELECT DISTINCT * FROM unnest($1::integer[], $2::bigint[]) AS w (event, serial)) "
                        "AS wanted USING (event, serial) ORDER BY event, serial FOR UPDATE OF ticket",
                        {events, serials});
    std::vector<std::string> kinds;
    for (Row row : locked)
        kinds.push_back(row.string(4));
    database_.query("SELECT FROM kind_sales WHERE event = ANY ($1::integer[]) AND kind = ANY ($2::text[]) "
                    "ORDER BY event, kind FOR UPDATE",
                    {events, kinds});
    for (Row row : locked) {
        if (row.text(3) == "revoked")
            throw LedgerRefusal("ticket " + row.string(2) +
                                " is revoked; mogirictl ticket issue gives its applicant another one");
        const auto event = static_cast<std::uint32_t>(row.number(0));
        const std::int64_t old = row.number(1);
        const NewTicket& next = renewal.tickets.emplace_back(succession.next(event));
        const auto use = door.find({event, old});
        const auto guest = guests.find(old);
        succession.replace(old, next, "revoked",
                           std::string(reason) + " (reissued as " + next.reference + ")",
                           guest == guests.end() ? std::nullopt : std::optional(guest->second),
                           use == door.end() ? std::vector<TicketDayUse>() : use->second);
        events.push_back(event);
        serials.push_back(next.serial);
    }
    owe_mail(applications);
    renewal.rows = owe_tickets(events, serials);
    transaction.commit();
    return renewal;
}

Renewal TicketRenewal::issue(std::string_view application, const std::vector<std::string>& guests,
                             std::string_view reason) {
    Transaction transaction(database_);
    const Result found = database_.query("SELECT application.event, application.state, form, definition, "
                                         "  (SELECT max(position) FROM ticket WHERE application = $1), test "
                                         "FROM application JOIN event ON event.number = application.event "
                                         "WHERE id = $1 FOR UPDATE OF application",
                                         {application});
    if (found.empty() || found[0].text(1) != "issued")
        throw LedgerRefusal(
            "application " + std::string(application) +
            (found.empty() ? " does not exist" : " has no tickets: it is " + found[0].string(1)));
    if (found[0].truth(5))
        throw LedgerRefusal("application " + std::string(application) +
                            " has test tickets; mogirictl ticket test makes more of them");
    const auto event = static_cast<std::uint32_t>(found[0].number(0));
    const EventSettings settings = EventSettings::parse(found[0].text(3));
    const Form* form = settings.form(found[0].text(2));
    if (!form)
        throw LedgerRefusal("the event has no form \"" + found[0].string(2) + "\" any more");
    const TicketKind& kind = settings.kinds[form->kind];
    require_room(database_, settings, event, kind, guests.size());
    Renewal renewal;
    std::vector<std::uint32_t> events;
    std::vector<std::int64_t> serials;
    std::int64_t position = found[0].number(4);
    for (const std::string& guest : guests) {
        const std::int64_t serial = take_serial(database_);
        const std::string reference = ticket_reference(static_cast<std::uint64_t>(serial));
        database_.query(
            "INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, "
            "                    key_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            {event, serial, application, ++position, kind.id, guest, reference, signing_key_});
        events.push_back(event);
        serials.push_back(serial);
        renewal.tickets.push_back({event, serial, reference});
    }
    database_.query("UPDATE application SET tickets = tickets + $2, guests = guests || to_jsonb($3::text[]) "
                    "WHERE id = $1",
                    {application, guests.size(), guests});
    database_.query(
        "INSERT INTO application_change (application, kind, reason) VALUES ($1, 'tickets_added', $2)",
        {application, reason});
    database_.query("INSERT INTO cache_outbox (event, kind, application) VALUES ($1, 'answer', $2)",
                    {event, application});
    owe_mail({std::string(application)});
    renewal.rows = owe_tickets(events, serials);
    transaction.commit();
    return renewal;
}

// The sweep puts it into the stream.
void TicketRenewal::owe_mail(const std::vector<std::string>& applications) {
    database_.query(
        "INSERT INTO mail_outbox (event, application, kind, generation, recipient, language, queued_at) "
        "SELECT event, id, 'tickets', 1 + coalesce((SELECT max(generation) FROM mail_outbox mail "
        "       WHERE mail.application = asked.id AND mail.kind = 'tickets'), 0), email, language, NULL "
        "FROM application AS asked WHERE id = ANY ($1::text[]) AND email <> '' AND NOT test",
        {applications});
}

std::vector<std::int64_t> TicketRenewal::owe_tickets(const std::vector<std::uint32_t>& events,
                                                     const std::vector<std::int64_t>& serials) {
    std::vector<std::int64_t> rows;
    for (Row row :
         database_.query("INSERT INTO cache_outbox (event, kind, serial) "
                         "SELECT DISTINCT event, 'ticket', serial "
                         "FROM unnest($1::integer[], $2::bigint[]) AS w (event, serial) RETURNING id",
                         {events, serials}))
        rows.push_back(row.number(0));
    database_.query("SELECT pg_notify('mogiri_cache', '')");
    return rows;
}

} // namespace mogiri::daemon
