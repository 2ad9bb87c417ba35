// Everything that fresh applications leave in the ledger: their own rows, tickets, mail, and what Redis must
// be told.
#include "application_rows.hpp"

#include <form.hpp>
#include <json_owner.hpp>
#include <ticket_code.hpp>
#include <ticket_record.hpp>

#include <map>

namespace mogiri::daemon {

namespace {

// The writer publishes its tickets itself; the publisher looks after them when it has not within this time.
constexpr const char* publisher_waits = "2 seconds";

std::string fields_text(const ApplyJob& job) {
    Json object(json_object());
    for (const auto& [name, value] : job.fields)
        json_object_set_new(object.get(), name.c_str(), json_of(value));
    return json_text(object.get());
}

std::string guests_text(const ApplyJob& job) {
    Json list(json_array());
    for (const std::string& guest : job.guests)
        json_array_append_new(list.get(), json_of(guest));
    return json_text(list.get());
}

// Applicants are known from their first ticket on; a refused one leaves no trace that could refuse another.
void write_applicants(Database& database, std::span<const FreshApplication> applications) {
    std::vector<std::uint32_t> events;
    std::vector<std::string> forms, applicants, emails, addresses;
    for (const FreshApplication& application : applications) {
        if (application.settlement.answer.decision != Decision::issued)
            continue;
        events.push_back(application.job.event);
        forms.push_back(application.job.form);
        applicants.push_back(application.job.applicant);
        emails.push_back(application.job.email);
        addresses.push_back(normalized_address(application.job.email));
    }
    database.query("INSERT INTO applicant (event, form, applicant, email, address) "
                   "SELECT * FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[]) "
                   "ON CONFLICT (event, form, applicant) DO NOTHING",
                   {events, forms, applicants, emails, addresses});
}

void write_applications_alone(Database& database, std::span<const FreshApplication> applications) {
    std::vector<std::uint32_t> events;
    std::vector<std::string> ids, forms, applicants, emails, languages, fields, guests, body_hashes;
    std::vector<std::optional<std::string>> codes;
    std::vector<std::int64_t> tickets, submitted;
    for (const auto& [job, settings, settlement] : applications) {
        const Answer& answer = settlement.answer;
        ids.push_back(job.id);
        events.push_back(job.event);
        forms.push_back(job.form);
        applicants.push_back(job.applicant);
        codes.push_back(answer.decision == Decision::issued
                            ? std::nullopt
                            : std::optional(std::string(decision_code(answer.decision))));
        tickets.push_back(answer.tickets);
        emails.push_back(job.email);
        languages.emplace_back(language_tag(job.language));
        fields.push_back(fields_text(job));
        guests.push_back(guests_text(job));
        body_hashes.push_back(job.body_hash);
        submitted.push_back(job.submitted_ms);
    }
    database.query(
        "INSERT INTO application (id, event, form, applicant, state, code, tickets, email, language, fields, "
        "guests, "
        "                         body_hash, submitted_at) "
        "SELECT id, event, form, applicant, CASE WHEN code IS NULL THEN 'issued' ELSE 'refused' END, code, "
        "tickets, "
        "       email, language, fields::jsonb, guests::jsonb, body_hash, to_timestamp(submitted / 1000.0) "
        "FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::integer[], "
        "$7::text[], "
        "            $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[]) "
        "     AS a (id, event, form, applicant, code, tickets, email, language, fields, guests, body_hash, "
        "submitted)",
        {ids, events, forms, applicants, codes, tickets, emails, languages, fields, guests, body_hashes,
         submitted});
}

std::vector<std::uint64_t> take_serials(Database& database, std::size_t count) {
    std::vector<std::uint64_t> serials;
    for (Row row : database.query("SELECT nextval('ticket_serial') FROM generate_series(1, $1)", {count}))
        serials.push_back(static_cast<std::uint64_t>(row.number(0)));
    return serials;
}

// One row for all tickets of an event: it stands for moments only, as a rule.
void owe_publication(Database& database, const std::map<std::uint32_t, std::vector<IssuedTicket*>>& issued) {
    for (const auto& [event, tickets] : issued) {
        std::vector<std::uint64_t> serials;
        for (const IssuedTicket* ticket : tickets)
            serials.push_back(ticket->serial);
        const Result rows = database.query("INSERT INTO cache_outbox (event, kind, serials, due_at) "
                                           "VALUES ($1, 'tickets', $2, now() + $3::interval) RETURNING id",
                                           {event, serials, publisher_waits});
        for (IssuedTicket* ticket : tickets)
            ticket->cache_row = rows[0].number(0);
    }
}

void write_tickets(Database& database, std::uint8_t signing_key,
                   std::span<const FreshApplication> applications) {
    std::size_t count = 0;
    for (const FreshApplication& application : applications)
        count += static_cast<std::size_t>(application.settlement.answer.tickets);
    if (count == 0)
        return;
    const std::vector<std::uint64_t> serials = take_serials(database, count);
    std::vector<std::uint32_t> events, positions;
    std::vector<std::string> ids, kinds, names, references;
    std::map<std::uint32_t, std::vector<IssuedTicket*>> issued; // by event
    for (const auto& [job, settings, settlement] : applications) {
        if (settlement.answer.decision != Decision::issued)
            continue;
        const std::size_t kind = settings.form(job.form)->kind;
        settlement.tickets.resize(job.guests.size());
        for (std::size_t guest = 0; guest < job.guests.size(); ++guest) {
            IssuedTicket& ticket = settlement.tickets[guest];
            ticket.serial = serials[events.size()];
            TicketRecord record;
            record.kind = static_cast<std::uint8_t>(kind);
            record.allowance = settings.kinds[kind].allowance;
            record.version = 1;
            record.reference = ticket_reference(ticket.serial);
            record.name = job.guests[guest];
            ticket.record = encode(record);
            issued[job.event].push_back(&ticket);
            events.push_back(job.event);
            ids.push_back(job.id);
            positions.push_back(static_cast<std::uint32_t>(guest + 1));
            kinds.push_back(settings.kinds[kind].id);
            names.push_back(record.name);
            references.push_back(record.reference);
        }
    }
    database.query(
        "INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id) "
        "SELECT *, $8::smallint FROM unnest($1::integer[], $2::bigint[], $3::text[], $4::integer[], "
        "                                   $5::text[], $6::text[], $7::text[])",
        {events, serials, ids, positions, kinds, names, references, signing_key});
    owe_publication(database, issued);
}

void write_mails(Database& database, std::span<const FreshApplication> applications) {
    std::vector<std::uint32_t> events;
    std::vector<std::string> ids, recipients, languages;
    std::map<std::string, Settlement*> by_id;
    for (const auto& [job, settings, settlement] : applications) {
        if (settlement.answer.decision != Decision::issued)
            continue;
        events.push_back(job.event);
        ids.push_back(job.id);
        recipients.push_back(job.email);
        languages.emplace_back(language_tag(job.language));
        by_id.emplace(job.id, &settlement);
    }
    if (ids.empty())
        return;
    for (Row row : database.query("INSERT INTO mail_outbox (event, application, kind, recipient, language) "
                                  "SELECT event, application, 'tickets', recipient, language "
                                  "FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[]) "
                                  "     AS m (event, application, recipient, language) "
                                  "RETURNING application, id",
                                  {events, ids, recipients, languages}))
        by_id.at(row.string(0))->mail = row.number(1);
}

} // namespace

void write_applications(Database& database, std::uint8_t signing_key,
                        std::span<const FreshApplication> applications) {
    write_applicants(database, applications);
    write_applications_alone(database, applications);
    write_tickets(database, signing_key, applications);
    write_mails(database, applications);
}

} // namespace mogiri::daemon
