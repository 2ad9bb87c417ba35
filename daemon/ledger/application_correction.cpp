#include "application_correction.hpp"

#include <algorithm>
#include <set>

#include <json_owner.hpp>

#include "application_ledger.hpp"

namespace mogiri::daemon {

namespace {

constexpr const char* in_force = "state IN ('issued', 'awaiting_approval', 'waiting', 'unconfirmed')";

bool is_typed_alone(const FormField& field) {
    return field.type != FieldType::guests && field.type != FieldType::quantity;
}

std::string value_of(const std::map<std::string, std::string>& fields, const std::string& name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
}

// The fields that were changed, and those that decide with them what is right.
Form judged(const Form& form, const std::set<std::string>& changed) {
    Form part = form;
    part.applicant.clear();
    std::erase_if(part.fields, [&](const FormField& field) {
        const bool is_asked = std::ranges::any_of(form.fields, [&](const FormField& other) {
            return changed.contains(other.name) && other.depends_on == field.name;
        });
        return !is_typed_alone(field) ||
               (!changed.contains(field.name) && !changed.contains(field.depends_on) && !is_asked);
    });
    return part;
}

// Whether the pattern by which an applicant is known holds the field.
bool names_applicant(const Form& form, const FormField& field) {
    return field.type == FieldType::email ||
           form.applicant.find("{" + field.name + "}") != std::string::npos ||
           form.applicant.find("{" + field.name + ":") != std::string::npos;
}

std::string json_object_of(const std::map<std::string, std::string>& fields) {
    const Json object(json_object());
    for (const auto& [name, value] : fields)
        json_object_set_new(object.get(), name.c_str(), json_of(value));
    return json_text(object.get());
}

ApplyJob as_job(const CorrectableApplication& was, const std::string& applicant, const std::string& email) {
    ApplyJob job;
    job.event = was.event;
    job.form = was.form;
    job.applicant = applicant;
    job.email = email;
    return job;
}

} // namespace

bool CorrectableApplication::may_be_corrected() const {
    return !test && !email.empty() &&
           (state == "issued" || state == "awaiting_approval" || state == "waiting");
}

std::variant<WantedApplication, std::vector<FieldError>>
corrected(const Form& form, const CorrectableApplication& was, const FormValues& typed,
          const std::optional<std::vector<std::string>>& guests) {
    std::vector<FieldError> faults;
    std::set<std::string> changed;
    for (const auto& [name, value] : typed) {
        const FormField* field = form.field(name);
        if (!field || !is_typed_alone(*field))
            faults.push_back({name, FieldFault::unknown_field});
        else if (value != value_of(was.fields, name))
            changed.insert(name);
    }
    WantedApplication wanted{was.fields, was.guests, was.applicant, was.email, {}};
    if (!changed.empty()) {
        const Form part = judged(form, changed);
        FormValues values;
        for (const FormField& field : part.fields)
            values[field.name] = changed.contains(field.name) ? typed.find(field.name)->second
                                                              : value_of(was.fields, field.name);
        auto checked = check_form(part, values, Confirmations::optional);
        if (auto* wrong = std::get_if<std::vector<FieldError>>(&checked)) {
            faults.insert(faults.end(), wrong->begin(), wrong->end());
        } else {
            for (const FormField& field : part.fields)
                wanted.fields.erase(field.name);
            wanted.fields.merge(std::get<CheckedForm>(checked).fields);
            wanted.applicant = filled_pattern(form, form.applicant, wanted.fields);
            if (const FormField* email = form.field_of(FieldType::email))
                wanted.email = value_of(wanted.fields, email->name);
        }
    }
    const FormField* rule = form.field_of(FieldType::guests);
    if (guests && (!rule || guests->size() != was.guests.size()))
        faults.push_back({"guests", FieldFault::out_of_range});
    else if (guests)
        for (std::size_t place = 0; place < guests->size(); ++place) {
            if (guests->at(place) == was.guests[place])
                continue;
            const std::string name = std::string(guest_name_prefix) + std::to_string(place + 1);
            const auto checked = check_guest_name(*rule, guests->at(place));
            if (const auto* fault = std::get_if<FieldFault>(&checked)) {
                faults.push_back({name, *fault});
            } else if (was.state == "issued" && was.serials[place] == 0) {
                faults.push_back({name, FieldFault::not_in_list}); // nobody has a ticket there
            } else {
                wanted.guests[place] = std::get<std::string>(checked);
                if (was.serials[place] != 0)
                    wanted.renamed[was.serials[place]] = wanted.guests[place];
            }
        }
    if (!faults.empty())
        return faults;
    return wanted;
}

std::optional<CorrectableApplication> ApplicationCorrection::find(std::uint32_t event, const std::string& id,
                                                                  bool lock) {
    if (lock)
        database_.query(
            "SELECT FROM application WHERE (event, form, applicant) = (SELECT event, form, applicant "
            "FROM application WHERE event = $1 AND id = $2) ORDER BY id FOR UPDATE",
            {event, id});
    const Result found = database_.query(
        // Not by their versions: those count what was held at the door, too.
        "SELECT form, applicant, state, email, test, version + (SELECT count(*) + count(*) FILTER (WHERE "
        "status = 'revoked') "
        "  FROM ticket WHERE ticket.application = id), fields, guests FROM application WHERE event = $1 AND "
        "id = $2",
        {event, id});
    if (found.empty())
        return std::nullopt;
    CorrectableApplication held;
    held.id = id;
    held.event = event;
    held.form = found[0].string(0);
    held.applicant = found[0].string(1);
    held.state = found[0].string(2);
    held.email = found[0].string(3);
    held.test = found[0].truth(4);
    held.version = found[0].number(5);
    const Json fields = parse_json(found[0].text(6)), guests = parse_json(found[0].text(7));
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(fields.get(), name, value) held.fields[name] = text_of(value);
    for (std::size_t place = 0; place < json_array_size(guests.get()); ++place)
        held.guests.emplace_back(text_of(json_array_get(guests.get(), place)));
    held.serials.resize(held.guests.size());
    for (Row row : database_.query("SELECT position, serial, guest_name, status = 'valid' FROM ticket "
                                   "WHERE event = $1 AND application = $2 ORDER BY position, serial",
                                   {event, id})) {
        const auto place = static_cast<std::size_t>(row.number(0) - 1);
        if (place >= held.guests.size())
            continue;
        held.guests[place] = row.string(2);
        held.serials[place] = row.truth(3) ? row.number(1) : 0;
    }
    return held;
}

std::vector<std::uint64_t> ApplicationCorrection::carry_out(const Form& form,
                                                            const CorrectableApplication& was,
                                                            const WantedApplication& wanted,
                                                            const DoorUses& uses, const std::string& reason) {
    Transaction transaction(database_);
    if (wanted.applicant != was.applicant || wanted.email != was.email)
        move_applicant(form, was, wanted);
    database_.query("UPDATE application SET fields = $2::jsonb, guests = to_jsonb($3::text[]) WHERE id = $1",
                    {was.id, json_object_of(wanted.fields), wanted.guests});
    database_.query("INSERT INTO application_change (application, kind, reason) VALUES ($1, 'edited', $2)",
                    {was.id, reason});
    std::vector<std::uint64_t> serials;
    if (!wanted.renamed.empty()) {
        std::vector<TicketRow> tickets;
        for (const auto& [serial, name] : wanted.renamed) {
            TicketRow& ticket = tickets.emplace_back();
            ticket.event = was.event;
            ticket.serial = serial;
            ticket.application = was.id;
            serials.push_back(static_cast<std::uint64_t>(serial));
        }
        for (const NewTicket& next :
             TicketRenewal(database_, signing_key_).reissue(tickets, uses, reason, wanted.renamed).tickets)
            serials.push_back(static_cast<std::uint64_t>(next.serial));
    }
    transaction.commit();
    return serials;
}

// One applicant has one address: all of their applications go along.
void ApplicationCorrection::move_applicant(const Form& form, const CorrectableApplication& was,
                                           const WantedApplication& wanted) {
    lock_applicants(was, wanted);
    require_known(form, was, wanted);
    std::map<std::string, std::string> shared;
    for (const FormField& field : form.fields)
        if (names_applicant(form, field))
            shared[field.name] = value_of(wanted.fields, field.name);
    database_.query("UPDATE applicant SET applicant = $4, email = $5, address = $6 "
                    "WHERE event = $1 AND form = $2 AND applicant = $3",
                    {was.event, was.form, was.applicant, wanted.applicant, wanted.email,
                     normalized_address(wanted.email)});
    std::vector<std::string> moved;
    for (Row row : database_.query(
             (std::string("UPDATE application SET applicant = $4, email = $5, fields = fields || $6::jsonb "
                          "WHERE event = $1 AND form = $2 AND applicant = $3 AND ") +
              in_force + " RETURNING id")
                 .c_str(),
             {was.event, was.form, was.applicant, wanted.applicant, wanted.email, json_object_of(shared)}))
        moved.push_back(row.string(0));
    if (wanted.email == was.email)
        return;
    database_.query("UPDATE mail_outbox SET recipient = $2 WHERE application = ANY ($1::text[]) "
                    "AND state IN ('pending', 'retry', 'unknown')",
                    {moved, wanted.email});
    // The sweep puts them into the stream; where tickets are issued anew, their mail is owed with them.
    database_.query(
        "INSERT INTO mail_outbox (event, application, kind, generation, recipient, language, queued_at) "
        "SELECT event, id, 'tickets', 1 + coalesce((SELECT max(generation) FROM mail_outbox AS mail "
        "       WHERE mail.application = a.id AND mail.kind = 'tickets'), 0), email, language, NULL "
        "FROM application AS a WHERE id = ANY ($1::text[]) AND state = 'issued' AND NOT test "
        "AND NOT ($2::boolean AND id = $3) "
        "AND EXISTS (SELECT FROM ticket WHERE ticket.application = a.id AND status = 'valid') "
        "AND NOT EXISTS (SELECT FROM mail_outbox AS mail WHERE mail.application = a.id AND mail.kind = "
        "'tickets' "
        "                AND mail.state IN ('pending', 'retry', 'unknown'))",
        {moved, !wanted.renamed.empty(), was.id});
}

// Nobody decides meanwhile about who they were or about who they become.
void ApplicationCorrection::lock_applicants(const CorrectableApplication& was,
                                            const WantedApplication& wanted) {
    std::set<std::int64_t> numbers;
    for (const ApplyJob& job :
         {as_job(was, was.applicant, was.email), as_job(was, wanted.applicant, wanted.email)}) {
        numbers.insert(applicant_lock(job));
        numbers.insert(address_lock(job));
    }
    database_.query("SELECT pg_advisory_xact_lock(number) FROM unnest($1::bigint[]) AS number",
                    {std::vector(numbers.begin(), numbers.end())});
}

void ApplicationCorrection::require_known(const Form& form, const CorrectableApplication& was,
                                          const WantedApplication& wanted) {
    if (!database_
             .query(
                 "SELECT FROM applicant WHERE event = $1 AND address = $2 AND (form, applicant) <> ($3, $4)",
                 {was.event, normalized_address(wanted.email), was.form, was.applicant})
             .empty())
        throw CorrectionRefusal("address_taken");
    if (wanted.applicant == was.applicant)
        return;
    if (!database_
             .query((std::string(
                         "SELECT FROM application WHERE event = $1 AND form = $2 AND applicant = $3 AND ") +
                     in_force + " LIMIT 1")
                        .c_str(),
                    {was.event, was.form, wanted.applicant})
             .empty())
        throw CorrectionRefusal("applicant_taken");
    if (!form.roster)
        return;
    const bool is_known =
        form.roster->list
            ? !database_
                   .query("SELECT FROM roster_entry WHERE event = $1 AND form = $2 AND id = $3",
                          {was.event, was.form, filled_pattern(form, form.roster->id, wanted.fields)})
                   .empty()
            : roster_has(form, wanted.fields);
    if (!is_known)
        throw CorrectionRefusal("unknown_student");
}

} // namespace mogiri::daemon
