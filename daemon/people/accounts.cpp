// Accounts, programs' keys and links by mail in the ledger.
#include "accounts.hpp"

#include <algorithm>
#include <utility>

#include <form.hpp>
#include <json_owner.hpp>
#include <plain_text.hpp>

namespace mogiri::daemon {

namespace {

constexpr const char* most_links_in_an_hour = "3";

void refuse_wrong_name(std::string_view name) {
    // What looks like an address is looked up as one.
    if (!is_valid_utf8(name) || name.size() > 100 || name.find('@') != name.npos || name.starts_with(' ') ||
        name.ends_with(' ') || has_control_character(name) || is_invisible(name))
        throw AccountFault("name", "invalid_format");
}

void refuse_wrong_address(std::string_view email) {
    if (!address_is_acceptable(email))
        throw AccountFault("email", "invalid_format");
}

bool is_scope(std::string_view scope) {
    const std::size_t colon = scope.find(':');
    const std::string_view thing = scope.substr(0, colon);
    return colon != scope.npos && std::ranges::count(scoped_things, thing) == 1 &&
           (scope.substr(colon + 1) == "read" || scope.substr(colon + 1) == "write");
}

} // namespace

std::optional<std::int64_t> account_of(std::string_view actor) {
    constexpr std::string_view prefix = "account:";
    if (!actor.starts_with(prefix))
        return std::nullopt;
    return std::stoll(std::string(actor.substr(prefix.size())));
}

void act_as(Database& database, std::string_view actor, std::string_view origin, std::string_view verb,
            bool lasting) {
    database.query("SELECT set_config('mogiri.actor', $1, $4), set_config('mogiri.origin', $2, $4), "
                   "set_config('mogiri.verb', $3, $4)",
                   {actor, origin, verb, !lasting});
}

void note_deed(Database& database, std::string_view subject) {
    database.query(
        "INSERT INTO audit (actor, origin, verb, subject) VALUES (current_setting('mogiri.actor'), "
        "current_setting('mogiri.origin'), current_setting('mogiri.verb'), $1)",
        {subject});
}

std::optional<Account> Accounts::read(const Result& rows) {
    if (rows.empty())
        return std::nullopt;
    const Row row = rows[0];
    Account account{
        row.number(0), row.number(1), row.string(2), row.string(3), row.string(4), {}, row.truth(6), {}};
    if (!row.is_null(5))
        account.password_hash = row.string(5);
    if (!row.is_null(7))
        account.grants.push_back({row.string(7)});
    for (Row one : database_.query("SELECT role, event FROM account_role WHERE account = $1 ORDER BY event",
                                   {account.number}))
        account.grants.push_back({one.string(0), static_cast<std::uint32_t>(one.number(1))});
    return account;
}

std::optional<Account> Accounts::find_login(std::string_view login) {
    return read(database_.query("SELECT number, version, name, email, language, password_hash, "
                                "disabled_at IS NOT NULL, role FROM account WHERE name = $1 OR address = $2",
                                {login, normalized_address(login)}));
}

std::optional<Account> Accounts::find(std::int64_t number, bool lock) {
    if (lock)
        database_.query("SELECT FROM account WHERE number = $1 FOR UPDATE", {number});
    return read(database_.query("SELECT number, version, name, email, language, password_hash, "
                                "disabled_at IS NOT NULL, role FROM account WHERE number = $1",
                                {number}));
}

std::int64_t Accounts::add(std::string_view name, std::string_view email, std::string_view language) {
    refuse_wrong_name(name);
    refuse_wrong_address(email);
    const Result added = database_.query("INSERT INTO account (name, email, address, language) "
                                         "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING number",
                                         {name, email, normalized_address(email), language});
    if (!added.empty())
        return added[0].number(0);
    const bool name_taken = !database_.query("SELECT FROM account WHERE name = $1", {name}).empty();
    throw AccountFault(name_taken ? "name" : "email", "taken");
}

void Accounts::change(const Account& account, const std::optional<std::string>& name,
                      const std::optional<std::string>& email, const std::optional<std::string>& language,
                      std::optional<bool> disabled) {
    if (name)
        refuse_wrong_name(*name);
    if (email)
        refuse_wrong_address(*email);
    const std::optional<std::string> address =
        email ? std::optional(normalized_address(*email)) : std::nullopt;
    for (Row row :
         database_.query("SELECT name = $2 FROM account WHERE number <> $1 AND (name = $2 OR address = $3)",
                         {account.number, name, address}))
        throw AccountFault(!row.is_null(0) && row.truth(0) ? "name" : "email", "taken");
    database_.query("UPDATE account SET name = coalesce($2, name), email = coalesce($3, email), "
                    "  address = coalesce($4, address), language = coalesce($5, language), "
                    "  disabled_at = CASE WHEN $6::boolean IS NULL THEN disabled_at "
                    "                     WHEN $6::boolean THEN coalesce(disabled_at, now()) END, "
                    "  version = version + 1, updated_at = now() WHERE number = $1",
                    {account.number, name, email, address, language, disabled});
    // Whoever reads what went to another address has no say any more.
    if (address && *address != normalized_address(account.email))
        use_links(account.number);
}

void Accounts::set_grants(std::int64_t number, const std::vector<Grant>& grants) {
    database_.query("DELETE FROM account_role WHERE account = $1", {number});
    std::optional<std::string> everywhere;
    for (const Grant& grant : grants) {
        if (std::ranges::count(roles, grant.role) == 0)
            throw AccountFault("roles", "not_in_list");
        if (!grant.event) {
            if (std::exchange(everywhere, grant.role))
                throw AccountFault("roles", "mismatch"); // one role is for all events
        } else if (database_
                       .query(
                           "INSERT INTO account_role (account, event, role) SELECT $1, number, $3 FROM event "
                           "WHERE number = $2 ON CONFLICT DO NOTHING",
                           {number, *grant.event, grant.role})
                       .touched() != 1)
            throw AccountFault("roles", "mismatch"); // no such event, or two roles at one
    }
    database_.query("UPDATE account SET role = $2 WHERE number = $1", {number, everywhere});
}

void Accounts::set_password(std::int64_t number, std::string_view hash) {
    database_.query("UPDATE account SET password_hash = $2, updated_at = now() WHERE number = $1",
                    {number, hash});
}

void Accounts::note_login(std::int64_t number) {
    database_.query("UPDATE account SET last_login_at = now() WHERE number = $1", {number});
}

std::optional<std::int64_t> Accounts::owe_link(const Account& account, std::string_view kind,
                                               std::uint32_t event) {
    // Two at once would both count the links before the other's.
    database_.query("SELECT FROM account WHERE number = $1 FOR UPDATE", {account.number});
    const Result link = database_.query(
        "INSERT INTO account_link (account, kind) SELECT $1, $2 WHERE (SELECT count(*) FROM account_link "
        "WHERE account = $1 AND created_at > now() - interval '1 hour') < $3 RETURNING number",
        {account.number, kind, most_links_in_an_hour});
    if (link.empty())
        return std::nullopt;
    return database_
        .query("INSERT INTO mail_outbox (event, application, kind, recipient, language) "
               "VALUES ($1, 'link:' || $2, $3, $4, $5) RETURNING id",
               {event, link[0].text(0), kind, account.email, account.language})[0]
        .number(0);
}

std::optional<std::int64_t> Accounts::account_of_link(std::int64_t link) {
    const Result found =
        database_.query("SELECT account FROM account_link WHERE number = $1 AND used_at IS NULL "
                        "AND expires_at > now() FOR UPDATE",
                        {link});
    return found.empty() ? std::nullopt : std::optional(found[0].number(0));
}

void Accounts::use_links(std::int64_t account) {
    database_.query("UPDATE account_link SET used_at = now() WHERE account = $1 AND used_at IS NULL",
                    {account});
}

std::int64_t Accounts::add_key(const NewKey& key, std::string_view hash) {
    if (key.name.empty() || key.name.size() > 100)
        throw AccountFault("name", "invalid_format");
    if (key.scopes.empty() || !std::ranges::all_of(key.scopes, is_scope))
        throw AccountFault("scopes", "not_in_list");
    const Result added = database_.query(
        "INSERT INTO api_key (name, event, role, scopes, key_hash, expires_at) "
        "VALUES ($1, $2, $3, $4::text[], $5, now() + $6::integer * interval '1 day') ON CONFLICT DO NOTHING "
        "RETURNING number",
        {key.name, key.event, key.role, key.scopes, hash, key.days});
    if (added.empty())
        throw AccountFault("name", "taken");
    return added[0].number(0);
}

std::optional<std::int64_t> Accounts::lock_key(std::int64_t number) {
    const Result found = database_.query(
        "SELECT version FROM api_key WHERE number = $1 AND revoked_at IS NULL FOR UPDATE", {number});
    return found.empty() ? std::nullopt : std::optional(found[0].number(0));
}

void Accounts::rename_key(std::int64_t number, std::string_view name) {
    // One after another: who takes a name sees who took it before.
    database_.query("LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE");
    if (name.empty() || name.size() > 100)
        throw AccountFault("name", "invalid_format");
    if (!database_
             .query("SELECT FROM api_key WHERE name = $2 AND number <> $1 AND revoked_at IS NULL",
                    {number, name})
             .empty())
        throw AccountFault("name", "taken");
    database_.query("UPDATE api_key SET name = $2, version = version + 1 WHERE number = $1", {number, name});
}

std::optional<std::string> Accounts::revoke_key(std::string_view name_or_number) {
    const Result revoked = database_.query(
        "UPDATE api_key SET revoked_at = now(), version = version + 1 WHERE revoked_at IS NULL "
        "AND (name = $1 OR number::text = $1) RETURNING key_hash",
        {name_or_number});
    return revoked.empty() ? std::nullopt : std::optional(revoked[0].string(0));
}

// Locked against revoke_key: who puts it into Redis does so before that takes it out.
std::optional<Principal> Accounts::key_with(std::string_view hash) {
    const Result found =
        database_.query("SELECT number, name, role, event, to_json(scopes) FROM api_key WHERE "
                        "key_hash = $1 AND revoked_at IS NULL AND coalesce(expires_at > now(), true) "
                        "FOR SHARE",
                        {hash});
    if (found.empty())
        return std::nullopt;
    const Row row = found[0];
    Principal key{"key:" + row.string(0), row.string(1), {{row.string(2)}}};
    if (!row.is_null(3))
        key.grants[0].event = static_cast<std::uint32_t>(row.number(3));
    const Json scopes = parse_json(row.text(4));
    std::size_t index = 0;
    json_t* scope = nullptr;
    json_array_foreach(scopes.get(), index, scope) key.scopes.emplace_back(text_of(scope));
    return key;
}

} // namespace mogiri::daemon
