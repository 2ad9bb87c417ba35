// Principals as JSON, and the secrets that stand for them.
#include "session.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "base32.hpp"
#include "digest.hpp"
#include "json_owner.hpp"

namespace mogiri {

bool Principal::has(std::string_view role, std::uint32_t event) const {
    return std::ranges::any_of(grants, [&](const Grant& grant) {
        return grant.role == role && (!grant.event || *grant.event == event);
    });
}

bool Principal::has_everywhere(std::string_view role) const {
    return std::ranges::any_of(grants,
                               [&](const Grant& grant) { return grant.role == role && !grant.event; });
}

std::string encode(const Principal& principal) {
    const Json object(json_object());
    json_t *grants = json_array(), *scopes = json_array();
    json_object_set_new(object.get(), "actor", json_of(principal.actor));
    json_object_set_new(object.get(), "name", json_of(principal.name));
    json_object_set_new(object.get(), "grants", grants);
    json_object_set_new(object.get(), "scopes", scopes);
    for (const Grant& grant : principal.grants) {
        json_t* one = json_object();
        json_array_append_new(grants, one);
        json_object_set_new(one, "role", json_of(grant.role));
        if (grant.event)
            json_object_set_new(one, "event", json_integer(*grant.event));
    }
    for (const std::string& scope : principal.scopes)
        json_array_append_new(scopes, json_of(scope));
    return json_text(object.get());
}

Principal decode_principal(std::string_view json) {
    const Json document = parse_json(json);
    Principal principal;
    principal.actor = text_of(json_object_get(document.get(), "actor"));
    principal.name = text_of(json_object_get(document.get(), "name"));
    if (principal.actor.empty())
        throw std::invalid_argument("a principal without an actor");
    std::size_t index = 0;
    json_t* one = nullptr;
    json_array_foreach(json_object_get(document.get(), "grants"), index, one) {
        Grant grant{std::string(text_of(json_object_get(one, "role")))};
        if (const json_t* event = json_object_get(one, "event"))
            grant.event = static_cast<std::uint32_t>(json_integer_value(event));
        principal.grants.push_back(std::move(grant));
    }
    json_array_foreach(json_object_get(document.get(), "scopes"), index, one)
        principal.scopes.emplace_back(text_of(one));
    return principal;
}

std::string session_text(const Principal& principal, std::int64_t idle_ms, std::int64_t ends_ms) {
    return std::to_string(idle_ms) + " " + std::to_string(ends_ms) + " " + encode(principal);
}

std::string new_token() {
    std::array<std::uint8_t, 20> bytes{};
    random_bytes(bytes);
    return base32_encode(bytes);
}

std::string repeatable_token(const MasterKeys& keys, std::uint32_t event, std::string_view request) {
    // The older of two keys, as for the ids of calls.
    const Digest digest = hmac_sha256(keys.derive("token", event, keys.key_ids().back()), request);
    return base32_encode({digest.data(), 20});
}

std::string token_hash(std::string_view token) {
    return hex(sha256(token));
}

} // namespace mogiri
