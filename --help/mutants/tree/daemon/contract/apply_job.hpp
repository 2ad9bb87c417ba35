// The job that carries an application from nginx to the daemon, and the answer that comes back.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event_settings.hpp"

namespace mogiri {

// Stream `{e}:jobs`, field "apply": this as JSON with sorted keys, no blanks.
struct ApplyJob {
    std::string id; // application id
    std::uint32_t event = 0;
    std::string form;
    Language language = Language::ja;
    std::string applicant; // "S2E12"
    std::string email;
    std::map<std::string, std::string> fields;
    std::vector<std::string> guests;
    std::string body_hash; // 32 hex digits
    std::string reply;     // channel "answers:<worker id>"
    std::int64_t submitted_ms = 0;
};

std::string encode(const ApplyJob& job);
// Throws std::invalid_argument.
ApplyJob decode_apply_job(std::string_view json);

// Of what makes two submissions equal: form, language excluded, fields and guests. 32 hex digits.
std::string apply_body_hash(std::string_view form, const std::map<std::string, std::string>& fields,
                            const std::vector<std::string>& guests);

enum class Decision {
    issued,
    unconfirmed,       // its address is to be confirmed by mail first
    awaiting_approval, // holds its places until staff have said yes or no
    waiting,           // in the waiting list
    limit_reached,
    sold_out,
    address_taken,
    unknown_student,
    closed,
    not_open_yet,
    rejected,  // by staff
    lapsed,    // its address was not confirmed in time
    cancelled, // taken back by staff
    failed,    // gave up on it (dead letter); the applicant is told by mail
};

// How long an answer is kept in Redis, in seconds as commands take them: 7 days.
inline constexpr std::string_view answer_life_s = "604800";

std::string_view decision_code(Decision decision);
std::optional<Decision> decision_of(std::string_view code);
// "issued", "unconfirmed", "awaiting_approval", "waiting", "refused" or "cancelled".
std::string_view decision_state(Decision decision);
// Neither issued nor refused yet.
bool is_held(Decision decision);
// 201, 202 (held), 409, 422, 403 or 500.
int http_status(Decision decision);

// Stored under `{e}:a:<id>` behind the body hash, and published as "<application id> <json>".
struct Answer {
    std::string application;
    Decision decision = Decision::issued;
    std::int64_t tickets = 0; // of a held one: asked for
    // Raised by every change of what was answered first: an older answer never takes the place of a newer
    // one.
    std::int64_t version = 0;
};

std::string encode(const Answer& answer);
Answer decode_answer(std::string_view json);

} // namespace mogiri
