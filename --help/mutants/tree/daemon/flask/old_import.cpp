// Writes what came from the system before into the ledger.
#include "old_import.hpp"

#include <algorithm>
#include <set>

#include <apply_job.hpp>
#include <form_token.hpp>
#include <json_owner.hpp>
#include <old_code.hpp>
#include <ticket_code.hpp>

#include "ledger/application_ledger.hpp"
#include "ledger/application_rows.hpp"

namespace mogiri::daemon {

namespace {

constexpr std::size_t applications_a_step = 200;

// Days as the old system counted, grown beyond what stands in the ledger; nothing of a ticket that our door
// has scanned. A counted entry becomes an admission and a scan of epoch 0, in which no scan of ours is; only
// the last one's time is known.
constexpr const char* store_days = R"sql(
WITH old AS (
    SELECT *, to_timestamp(entered / 1000.0) AS entered_at, to_timestamp(exited / 1000.0) AS left_at
    FROM unnest($2::bigint[], $3::smallint[], $4::integer[], $5::integer[], $6::smallint[], $7::bigint[], $8::bigint[])
         AS old (serial, day, cycle, exits, inside, entered, exited)
    WHERE NOT EXISTS (SELECT FROM scan WHERE event = $1 AND scan.serial = old.serial AND epoch > 0)
), news AS (
    SELECT old.*, coalesce(known.cycle, 0) AS known_cycle,
           (SELECT count(*) FROM scan WHERE event = $1 AND scan.serial = old.serial AND scan.day = old.day
                                            AND direction = 'exit') AS known_exits
    FROM old LEFT JOIN ticket_day AS known ON known.event = $1 AND known.serial = old.serial AND known.day = old.day
    WHERE (old.cycle, old.inside) IS DISTINCT FROM (known.cycle, known.inside)
), passages AS (
    SELECT serial, day, 'entry' AS direction, entered AS ms, entered_at AS at, n AS cycle, 1 AS inside, n AS place
    FROM news, generate_series(known_cycle + 1, cycle) AS n
    UNION ALL
    SELECT serial, day, 'exit', exited, left_at, cycle, 0, 1000 + n
    FROM news, generate_series(known_exits + 1, exits) AS n
), scans AS (
    INSERT INTO scan (event, epoch, stream_ms, stream_seq, place, serial, device, gate, direction, outcome, at, day,
                      cycle, inside, flags, nonce)
    SELECT $1::integer, 0, ms, serial, day * 10000 + place, serial, 0, 0, direction,
           CASE direction WHEN 'entry' THEN 1 ELSE 2 END, at, day, cycle, inside, 0, '\x0000000000000000'
    FROM passages
), admissions AS (
    INSERT INTO admission (event, serial, day, cycle, at, gate, device, epoch, stream_ms, stream_seq, place)
    SELECT $1::integer, serial, day, cycle, at, 0, 0, 0, ms, serial, day * 10000 + place
    FROM passages WHERE direction = 'entry'
    ON CONFLICT DO NOTHING
)
INSERT INTO ticket_day AS known (event, serial, day, inside, cycle, first_at, first_gate, first_device)
SELECT $1::integer, serial, day, inside, cycle, entered_at, 0, 0 FROM news
ON CONFLICT (event, serial, day) DO UPDATE SET inside = excluded.inside, cycle = excluded.cycle
)sql";

std::string text_of_fields(const OldApplication& application) {
    const Json fields(json_object());
    for (const auto& [name, value] : application.fields)
        json_object_set_new(fields.get(), name.c_str(), json_of(value));
    return json_text(fields.get());
}

ApplyJob job_of(const OldApplication& application, std::uint32_t event) {
    ApplyJob job;
    job.event = event;
    job.form = application.form->id;
    job.applicant = application.applicant;
    job.email = application.email;
    return job;
}

} // namespace

struct OldImport::Place {
    std::string id;
    bool is_new = true;
    std::string state;                // of one that is there
    std::set<std::int64_t> positions; // taken in it
    std::string address;              // that the applicant has; empty: none yet
    std::string form, applicant;      // who has the address; empty: nobody yet
};

ImportCounts OldImport::store(std::span<const OldApplication> applications, bool dry_run,
                              std::vector<LeftOutRow>& left_out,
                              const std::function<void(std::size_t)>& progress) {
    ImportCounts counts;
    for (std::size_t done = 0; done < applications.size();) {
        const auto batch =
            applications.subspan(done, std::min(applications_a_step, applications.size() - done));
        Transaction transaction(database_);
        store_batch(batch, counts, left_out);
        if (!dry_run)
            transaction.commit();
        done += batch.size();
        progress(done);
    }
    return counts;
}

void OldImport::store_batch(std::span<const OldApplication> applications, ImportCounts& counts,
                            std::vector<LeftOutRow>& left_out) {
    lock(applications);
    const auto places = places_of(applications);
    std::vector<std::string> digests;
    for (const OldApplication& application : applications)
        for (const OldTicket& ticket : application.tickets)
            digests.push_back(old_code_digest(ticket.code));
    std::map<std::string, std::int64_t> known;
    for (Row row : database_.query("SELECT digest, serial FROM old_code WHERE event = $1 AND digest = ANY "
                                   "($2::text[])",
                                   {event_, digests}))
        known.emplace(row.string(0), row.number(1));

    std::vector<std::string> forms, applicants, emails, addresses, ids, fields, guest_lists,
        body_hashes; // new ones
    std::vector<std::int64_t> submitted, counts_of;
    std::vector<std::optional<std::string>> classes;
    std::vector<const OldTicket*> all; // with their serials, for their use
    std::vector<std::int64_t> all_serials;
    std::vector<std::string> of, kinds, names, new_digests, references; // new tickets
    std::vector<std::int64_t> positions, serials;
    for (const OldApplication& application : applications) {
        Place place = places.at(application.user);
        if (const std::string reason = reason_against(application, place); !reason.empty()) {
            left_out.push_back({"users", application.user, reason.substr(0, reason.find(':')),
                                reason.substr(reason.find(':') + 2)});
            for (const OldTicket& ticket : application.tickets)
                left_out.push_back({"tickets", ticket.user + "/" + std::to_string(ticket.number),
                                    "user_left_out", "its user is left out"});
            continue;
        }
        std::vector<std::string> guests;
        std::int64_t first_ms = INT64_MAX;
        for (const OldTicket& ticket : application.tickets) {
            const std::string digest = old_code_digest(ticket.code);
            all.push_back(&ticket);
            if (const auto found = known.find(digest); found != known.end()) {
                all_serials.push_back(found->second);
                ++counts.known;
                continue;
            }
            std::int64_t position = ticket.number;
            if (place.positions.contains(position))
                position = *place.positions.rbegin() + 1;
            place.positions.insert(position);
            serials.push_back(database_.query("SELECT nextval('ticket_serial')")[0].number(0));
            all_serials.push_back(serials.back());
            of.push_back(place.id);
            positions.push_back(position);
            kinds.push_back(settings_.kinds[application.form->kind].id);
            names.push_back(ticket.guest);
            references.push_back(ticket_reference(static_cast<std::uint64_t>(serials.back())));
            new_digests.push_back(digest);
            guests.push_back(ticket.guest);
            first_ms = std::min(first_ms, ticket.created_ms);
        }
        if (guests.empty())
            continue;
        forms.push_back(application.form->id);
        applicants.push_back(application.applicant);
        emails.push_back(application.email);
        addresses.push_back(application.address);
        ids.push_back(place.id);
        fields.push_back(text_of_fields(application));
        const Json list(json_array());
        for (const std::string& guest : guests)
            json_array_append_new(list.get(), json_of(guest));
        guest_lists.push_back(json_text(list.get()));
        body_hashes.push_back(apply_body_hash(application.form->id, application.fields, guests));
        submitted.push_back(first_ms);
        classes.push_back(class_of(*application.form, application.fields));
        counts_of.push_back(static_cast<std::int64_t>(guests.size()));
        if (place.is_new)
            ++counts.applications;
    }
    database_.query("INSERT INTO applicant (event, form, applicant, email, address) "
                    "SELECT $1::integer, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) "
                    "ON CONFLICT (event, form, applicant) DO NOTHING",
                    {event_, forms, applicants, emails, addresses});
    database_.query(
        "INSERT INTO application AS known (id, event, form, applicant, state, tickets, email, language, "
        "fields, guests, "
        "                                  body_hash, submitted_at, class) "
        "SELECT id, $1::integer, form, applicant, 'issued', tickets, email, 'ja', fields::jsonb, "
        "guests::jsonb, "
        "body_hash, "
        "       to_timestamp(submitted / 1000.0), "
        "       coalesce(class, (SELECT class FROM roster_entry AS listed WHERE listed.event = $1 "
        "                        AND listed.form = a.form AND listed.id = a.applicant), '') "
        "FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], "
        "$9::text[], "
        "            $10::bigint[], $11::text[]) "
        "     AS a (id, form, applicant, tickets, email, fields, guests, body_hash, submitted, class) "
        "ON CONFLICT (id) DO UPDATE SET tickets = known.tickets + excluded.tickets, "
        "                               guests = known.guests || excluded.guests",
        {event_, ids, forms, applicants, counts_of, emails, fields, guest_lists, body_hashes, submitted,
         classes});
    database_.query(
        "INSERT INTO ticket (event, serial, application, position, kind, guest_name, reference, key_id) "
        "SELECT $1::integer, *, $8::smallint FROM unnest($2::bigint[], $3::text[], $4::integer[], "
        "$5::text[], $6::text[], "
        "$7::text[])",
        {event_, serials, of, positions, kinds, names, references, keys_.signing_key()});
    database_.query("INSERT INTO old_code (event, digest, serial) SELECT $1::integer, * FROM "
                    "unnest($2::text[], $3::bigint[])",
                    {event_, new_digests, serials});
    counts.tickets += static_cast<std::int64_t>(serials.size());
    counts.uses += store_uses(all, all_serials);
    if (serials.empty())
        return;
    database_.query("INSERT INTO cache_outbox (event, kind, serials) VALUES ($1, 'tickets', $2::bigint[])",
                    {event_, serials});
    database_.query("INSERT INTO cache_outbox (event, kind, application) "
                    "SELECT $1::integer, 'answer', id FROM unnest($2::text[]) AS id",
                    {event_, ids});
    database_.query("SELECT pg_notify('mogiri_cache', '')");
}

// As the road does, so that an applicant who applies in this moment is decided before or after.
void OldImport::lock(std::span<const OldApplication> applications) {
    std::set<std::int64_t> numbers;
    for (const OldApplication& application : applications) {
        const ApplyJob job = job_of(application, event_);
        numbers.insert(applicant_lock(job));
        numbers.insert(address_lock(job));
    }
    database_.query("SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number",
                    {std::vector(numbers.begin(), numbers.end())});
}

std::map<std::string, OldImport::Place> OldImport::places_of(std::span<const OldApplication> applications) {
    std::map<std::string, Place> places;
    std::map<std::string, Place*> by_id, by_address;
    std::map<std::pair<std::string, std::string>, Place*> by_applicant;
    std::vector<std::string> ids, forms, applicants, addresses;
    for (const OldApplication& application : applications) {
        Place& place = places[application.user];
        place.id = application_id(keys_, event_, "flask " + application.user);
        by_id[place.id] = by_address[application.address] = &place;
        by_applicant[{application.form->id, application.applicant}] = &place;
        ids.push_back(place.id);
        forms.push_back(application.form->id);
        applicants.push_back(application.applicant);
        addresses.push_back(application.address);
    }
    for (Row row :
         database_.query("SELECT id, state, position FROM application LEFT JOIN ticket ON application = id "
                         "WHERE id = ANY ($1::text[])",
                         {ids})) {
        Place& place = *by_id.at(row.string(0));
        place.is_new = false;
        place.state = row.string(1);
        if (!row.is_null(2))
            place.positions.insert(row.number(2));
    }
    for (Row row : database_.query("SELECT form, applicant, address FROM applicant WHERE event = $1 AND "
                                   "(address = ANY ($4::text[]) OR "
                                   "(form, applicant) IN (SELECT * FROM unnest($2::text[], $3::text[])))",
                                   {event_, forms, applicants, addresses})) {
        if (const auto found = by_applicant.find({row.string(0), row.string(1)}); found != by_applicant.end())
            found->second->address = row.string(2);
        if (const auto found = by_address.find(row.string(2)); found != by_address.end()) {
            found->second->form = row.string(0);
            found->second->applicant = row.string(1);
        }
    }
    return places;
}

// "code: what to do".
std::string OldImport::reason_against(const OldApplication& application, const Place& place) const {
    if (!place.is_new && place.state != "issued")
        return "not_issued: its application is " + place.state + " here";
    if (!place.address.empty() && place.address != application.address)
        return "other_address: here its applicant has another address";
    if (!place.applicant.empty() &&
        (place.applicant != application.applicant || place.form != application.form->id))
        return "address_taken: here its address belongs to another applicant";
    return "";
}

std::int64_t OldImport::store_uses(const std::vector<const OldTicket*>& tickets,
                                   const std::vector<std::int64_t>& serials) {
    std::vector<std::int64_t> used, days, cycles, exits, insides, entered, left;
    for (std::size_t i = 0; i < tickets.size(); ++i)
        for (std::size_t day = 0; day < tickets[i]->days.size(); ++day) {
            const OldUse& use = tickets[i]->days[day];
            if (!use.is_any())
                continue;
            used.push_back(serials[i]);
            days.push_back(static_cast<std::int64_t>(day) + 1);
            cycles.push_back(use.entries);
            exits.push_back(use.exits);
            insides.push_back(use.is_inside ? 1 : 0);
            entered.push_back(use.entered_ms.value_or(tickets[i]->created_ms));
            left.push_back(use.left_ms.value_or(entered.back()));
        }
    if (used.empty())
        return 0;
    const std::int64_t stored =
        database_.query(store_days, {event_, used, days, cycles, exits, insides, entered, left}).touched();
    if (stored > 0)
        // The door's totals are not told one by one.
        database_.query(
            "UPDATE cache_state SET rebuild_reason = 'the use of imported tickets was taken over' "
            "WHERE event = $1",
            {event_});
    return stored;
}

void OldImport::note(const std::string& by, const std::string& source, const ImportCounts& counts,
                     std::size_t left_out) {
    database_.query(
        "INSERT INTO flask_import (event, ordered_by, source, applications, tickets, known, uses, left_out) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        {event_, by, source, counts.applications, counts.tickets, counts.known, counts.uses, left_out});
}

bool OldImport::is_published() {
    return database_
        .query(
            "SELECT NOT EXISTS (SELECT FROM cache_outbox WHERE event = $1 AND kind IN ('tickets', 'answer') "
            "                   AND due_at <= now()) "
            "AND NOT EXISTS (SELECT FROM cache_state WHERE event = $1 AND rebuild_reason IS NOT NULL)",
            {event_})[0]
        .truth(0);
}

} // namespace mogiri::daemon
