// Everything that decided applications leave in the ledger: their own rows, tickets, mail, and what Redis
// must be told.
#include "application_rows.hpp"

#include <form.hpp>
#include <json_owner.hpp>
#include <ticket_code.hpp>
#include <ticket_record.hpp>

#include <map>

namespace mogiri::daemon {

namespace {

// Who hands the tickets and mails over to Redis: the writer itself (the publisher and the mail sweep look
// after what it left behind), or they.
enum class Courier { writer, publisher };
constexpr const char* publisher_waits = "2 seconds";

// Who has or is to have places is known by name and address: nobody else takes them.
bool is_in(Decision decision) {
    return decision == Decision::issued || decision == Decision::awaiting_approval ||
           decision == Decision::waiting;
}

// Of `fields` and `guests`, as the rows hold them.
std::map<std::string, std::string> fields_in(std::string_view text) {
    std::map<std::string, std::string> fields;
    const Json object = parse_json(text);
    const char* name;
    json_t* value;
    json_object_foreach(object.get(), name, value) fields.emplace(name, text_of(value));
    return fields;
}

std::vector<std::string> guests_in(std::string_view text) {
    std::vector<std::string> guests;
    const Json list = parse_json(text);
    std::size_t index;
    const json_t* guest;
    json_array_foreach(list.get(), index, guest) guests.emplace_back(text_of(guest));
    return guests;
}

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

// Applicants are known from their first claim on; a refused one leaves no trace that could refuse another,
// and neither does one whose address nobody has confirmed.
void write_applicants(Database& database, std::span<const FreshApplication> applications) {
    std::vector<std::uint32_t> events;
    std::vector<std::string> forms, applicants, emails, addresses;
    for (const FreshApplication& application : applications) {
        if (!is_in(application.settlement.answer.decision))
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

std::optional<std::string> code_of(const Answer& answer) {
    return answer.decision == Decision::issued ? std::nullopt
                                               : std::optional(std::string(decision_code(answer.decision)));
}

void write_applications_alone(Database& database, std::span<const FreshApplication> applications) {
    std::vector<std::uint32_t> events;
    std::vector<std::string> ids, forms, applicants, states, emails, languages, fields, guests, body_hashes;
    std::vector<std::optional<std::string>> codes, classes;
    std::vector<std::int64_t> tickets, submitted;
    std::vector<std::optional<std::int64_t>> confirm_hours;
    for (const auto& [job, settings, settlement] : applications) {
        const Answer& answer = settlement.answer;
        ids.push_back(job.id);
        events.push_back(job.event);
        forms.push_back(job.form);
        applicants.push_back(job.applicant);
        states.emplace_back(decision_state(answer.decision));
        codes.push_back(code_of(answer));
        confirm_hours.push_back(answer.decision == Decision::unconfirmed
                                    ? std::optional(settings.form(job.form)->confirm_hours)
                                    : std::nullopt);
        tickets.push_back(answer.tickets);
        emails.push_back(job.email);
        languages.emplace_back(language_tag(job.language));
        fields.push_back(fields_text(job));
        guests.push_back(guests_text(job));
        body_hashes.push_back(job.body_hash);
        submitted.push_back(job.submitted_ms);
        classes.push_back(class_of(*settings.form(job.form), job.fields));
    }
    database.query(
        "INSERT INTO application (id, event, form, applicant, state, code, tickets, email, language, fields, "
        "                         guests, body_hash, submitted_at, confirm_by, place, class) "
        "SELECT id, event, form, applicant, state, code, tickets, email, language, fields::jsonb, "
        "       guests::jsonb, body_hash, to_timestamp(submitted / 1000.0), "
        "       now() + make_interval(hours => confirm_hours), "
        "       CASE WHEN state = 'waiting' THEN nextval('waiting_place') END, "
        "       coalesce(class, (SELECT class FROM roster_entry AS listed WHERE listed.event = a.event "
        "                        AND listed.form = a.form AND listed.id = a.applicant), '') "
        "FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[], "
        "            $7::integer[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], "
        "            $13::bigint[], $14::integer[], $15::text[]) "
        "     AS a (id, event, form, applicant, state, code, tickets, email, language, fields, guests, "
        "           body_hash, submitted, confirm_hours, class)",
        {ids, events, forms, applicants, states, codes, tickets, emails, languages, fields, guests,
         body_hashes, submitted, confirm_hours, classes});
}

std::vector<std::uint64_t> take_serials(Database& database, std::size_t count) {
    std::vector<std::uint64_t> serials;
    for (Row row : database.query("SELECT nextval('ticket_serial') FROM generate_series(1, $1)", {count}))
        serials.push_back(static_cast<std::uint64_t>(row.number(0)));
    return serials;
}

// One row for all tickets of an event: it stands for moments only, as a rule.
void owe_publication(Database& database, const std::map<std::uint32_t, std::vector<IssuedTicket*>>& issued,
                     Courier courier) {
    for (const auto& [event, tickets] : issued) {
        std::vector<std::uint64_t> serials;
        for (const IssuedTicket* ticket : tickets)
            serials.push_back(ticket->serial);
        const Result rows =
            database.query("INSERT INTO cache_outbox (event, kind, serials, due_at) "
                           "VALUES ($1, 'tickets', $2, now() + $3::interval) RETURNING id",
                           {event, serials, courier == Courier::writer ? publisher_waits : "0 seconds"});
        for (IssuedTicket* ticket : tickets)
            ticket->cache_row = rows[0].number(0);
    }
}

void write_tickets(Database& database, std::uint8_t signing_key,
                   std::span<const FreshApplication> applications, Courier courier) {
    std::size_t count = 0;
    for (const FreshApplication& application : applications)
        if (application.settlement.answer.decision == Decision::issued)
            count += application.job.guests.size();
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
    owe_publication(database, issued, courier);
}

// Those who were refused at once have seen it.
std::optional<std::string> mail_kind(Decision decision) {
    if (decision == Decision::issued)
        return "tickets";
    if (is_held(decision) || decision == Decision::rejected)
        return std::string(decision_code(decision));
    return std::nullopt;
}

void write_mails(Database& database, std::span<const FreshApplication> applications, Courier courier) {
    std::vector<std::uint32_t> events;
    std::vector<std::string> ids, kinds, recipients, languages;
    std::map<std::string, Settlement*> by_id;
    for (const auto& [job, settings, settlement] : applications) {
        const auto kind = mail_kind(settlement.answer.decision);
        if (!kind)
            continue;
        events.push_back(job.event);
        ids.push_back(job.id);
        kinds.push_back(*kind);
        recipients.push_back(job.email);
        languages.emplace_back(language_tag(job.language));
        by_id.emplace(job.id, &settlement);
    }
    if (ids.empty())
        return;
    for (Row row :
         database.query("INSERT INTO mail_outbox (event, application, kind, recipient, language, queued_at) "
                        "SELECT event, application, kind, recipient, language, CASE WHEN $6 THEN now() END "
                        "FROM unnest($1::integer[], $2::text[], $3::text[], $4::text[], $5::text[]) "
                        "     AS m (event, application, kind, recipient, language) "
                        "RETURNING application, id",
                        {events, ids, kinds, recipients, languages, courier == Courier::writer}))
        by_id.at(row.string(0))->mail = row.number(1);
}

} // namespace

std::optional<std::string> class_of(const Form& form, const std::map<std::string, std::string>& fields) {
    if (form.roster && form.roster->list)
        return std::nullopt;
    return roster_group(form, fields);
}

void write_applications(Database& database, std::uint8_t signing_key,
                        std::span<const FreshApplication> applications) {
    write_applicants(database, applications);
    write_applications_alone(database, applications);
    write_tickets(database, signing_key, applications, Courier::writer);
    write_mails(database, applications, Courier::writer);
}

std::vector<ApplyJob> read_applications(Database& database, const std::vector<std::string>& ids) {
    std::vector<ApplyJob> jobs;
    for (Row row :
         database.query("SELECT id, event, form, language, applicant, email, fields, guests, body_hash, "
                        "       (extract(epoch FROM submitted_at) * 1000)::bigint FROM application "
                        "JOIN unnest($1::text[]) WITH ORDINALITY AS asked (id, place_asked) USING (id) ORDER "
                        "BY place_asked",
                        {ids})) {
        ApplyJob job;
        job.id = row.string(0);
        job.event = static_cast<std::uint32_t>(row.number(1));
        job.form = row.string(2);
        job.language = language_of(row.text(3)).value_or(Language::ja);
        job.applicant = row.string(4);
        job.email = row.string(5);
        job.fields = fields_in(row.text(6));
        job.guests = guests_in(row.text(7));
        job.body_hash = row.string(8);
        job.submitted_ms = row.number(9);
        jobs.push_back(std::move(job));
    }
    return jobs;
}

void change_applications(Database& database, std::uint8_t signing_key,
                         std::span<const FreshApplication> applications, std::string_view change,
                         std::string_view reason) {
    if (applications.empty())
        return;
    std::vector<std::string> ids, states;
    std::vector<std::optional<std::string>> codes;
    std::vector<std::int64_t> tickets;
    for (const auto& [job, settings, settlement] : applications) {
        ids.push_back(job.id);
        states.emplace_back(decision_state(settlement.answer.decision));
        codes.push_back(code_of(settlement.answer));
        tickets.push_back(settlement.answer.tickets);
    }
    database.query(
        "WITH changed AS ("
        "  UPDATE application SET state = c.state, code = c.code, tickets = c.tickets, confirm_by = NULL, "
        "         place = CASE WHEN c.state = 'waiting' THEN nextval('waiting_place') END, decided_at = "
        "now() "
        "  FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[]) AS c (id, state, code, tickets) "
        "  WHERE application.id = c.id RETURNING application.id, event), "
        "noted AS (INSERT INTO application_change (application, kind, reason) SELECT id, $5, $6 FROM "
        "changed) "
        "INSERT INTO cache_outbox (event, kind, application) SELECT event, 'answer', id FROM changed",
        {ids, states, codes, tickets, change, reason});
    write_applicants(database, applications);
    write_tickets(database, signing_key, applications, Courier::publisher);
    write_mails(database, applications, Courier::publisher);
    database.query("SELECT pg_notify('mogiri_cache', '')");
}

} // namespace mogiri::daemon
