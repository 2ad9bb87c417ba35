// Logging in and out, and the sessions of one account.
#include "session_verbs.hpp"

#include <form.hpp>
#include <sealed.hpp>

#include "../mail/mail_stream.hpp"
#include "../people/accounts.hpp"
#include "../people/login_brake.hpp"
#include "../people/password_hash.hpp"
#include "../people/sessions.hpp"
#include "ask.hpp"

namespace mogiri::daemon {

namespace {

// The whole hash would open the session in Redis; so much names it.
constexpr std::size_t shown_of_a_hash = 16;

std::int64_t account_in(const Call& call) {
    const auto account = account_of(call.actor);
    if (!account)
        throw std::invalid_argument("the verb is for people who are logged in");
    return *account;
}

// An event is told by its slug and its name, too: somebody of one event alone may look no other way for its
// pages.
void tell_event(CallTools& tools, json_t* grant, std::uint32_t event) {
    json_object_set_new(grant, "event", json_integer(event));
    for (Row row : tools.database.query(
             "SELECT slug, definition -> 'name', is_default FROM event WHERE number = $1", {event})) {
        json_object_set_new(grant, "slug", json_of(row.text(0)));
        json_object_set(grant, "name", parse_json(row.text(1)).get());
        json_object_set_new(grant, "default", json_boolean(row.truth(2)));
    }
}

CallResult about(CallTools& tools, const Account& account) {
    const Json body(json_object());
    json_object_set_new(body.get(), "user", json_integer(account.number));
    json_object_set_new(body.get(), "name", json_of(account.name));
    json_object_set_new(body.get(), "email", json_of(account.email));
    json_object_set_new(body.get(), "language", json_of(account.language));
    json_t* roles = json_array();
    json_object_set_new(body.get(), "roles", roles);
    for (const Grant& grant : account.grants) {
        json_t* one = json_object();
        json_array_append_new(roles, one);
        json_object_set_new(one, "role", json_of(grant.role));
        if (grant.event)
            tell_event(tools, one, *grant.event);
    }
    return {200, json_text(body.get())};
}

void open_session(CallTools& tools, const Call& call, const Account& account, std::string_view hash) {
    const SessionConfiguration& lives = tools.office.configuration().sessions;
    Sessions(tools.redis)
        .open(account.number, hash, account.principal(), call.origin, std::chrono::seconds(lives.idle),
              std::chrono::seconds(lives.absolute));
}

std::string iso(Database& database, std::int64_t ms) {
    return database.query("SELECT iso(to_timestamp($1::bigint / 1000.0))", {ms})[0].string(0);
}

// What the body wants as the new password.
std::string new_password(Ask& ask) {
    std::string wanted = ask.secret("new_password");
    if (!wanted.empty() && !password_is_acceptable(wanted))
        ask.wrong("new_password", wanted.size() < shortest_password ? "too_short" : "too_long");
    return wanted;
}

// Before a password is looked at: 429 for who must wait, and anybody else's try is counted.
std::optional<CallResult> slow_down(LoginBrake& brake) {
    if (const auto wait = brake.wait(); wait.count() > 0)
        return refusal(429, "too_many_logins", wait.count());
    return std::nullopt;
}

CallResult bad_password(CallTools& tools, const Call& call, const std::optional<Account>& account) {
    Transaction transaction(tools.database);
    act_as(tools.database, "visitor", call.origin, call.verb);
    note_deed(tools.database, account ? "account " + std::to_string(account->number) + " refused" : "nobody");
    transaction.commit();
    return refusal(401, "bad_login");
}

CallResult sessions_of(CallTools& tools, const Ask& ask, std::int64_t account) {
    const Json body(json_object());
    json_t* items = json_array();
    json_object_set_new(body.get(), "items", items);
    for (const OpenSession& session : Sessions(tools.redis).list(account))
        json_array_append_new(
            items, json_pack("{s:o, s:o, s:o, s:b}", "session",
                             json_of(std::string_view(session.hash).substr(0, shown_of_a_hash)), "started_at",
                             json_of(iso(tools.database, session.started_ms)), "origin",
                             json_of(session.origin), "current", session.hash == ask.session()));
    return {200, json_text(body.get())};
}

CallResult end_one(CallTools& tools, std::int64_t account, std::string_view name) {
    Sessions sessions(tools.redis);
    for (const OpenSession& session : sessions.list(account))
        if (session.hash.substr(0, shown_of_a_hash) == name) {
            sessions.end(account, session.hash);
            return {200, "{}"};
        }
    return refusal(404, "not_found");
}

} // namespace

CallResult log_in(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string login = ask.text("login", 254), password = ask.secret("password");
    if (auto fault = ask.fault())
        return *std::move(fault);
    Accounts accounts(tools.database);
    const auto found = accounts.find_login(login);
    // An account has a name and an address of many spellings, but only five guesses.
    LoginBrake brake(tools.redis, found ? found->name : normalized_address(login), call.origin);
    if (auto slowed = slow_down(brake))
        return *std::move(slowed);

    const auto hash = found && !found->disabled ? found->password_hash : std::nullopt;
    if (!password_fits(hash, password))
        return bad_password(tools, call, found);
    const auto renewed = hash_is_outdated(*hash) ? std::optional(hash_password(password)) : std::nullopt;

    Transaction transaction(tools.database);
    const auto account = accounts.find(found->number, true);
    if (!account || account->disabled || account->password_hash != hash)
        return refusal(401, "bad_login");
    act_as(tools.database, account->actor(), call.origin, call.verb);
    if (renewed)
        accounts.set_password(account->number, *renewed);
    accounts.note_login(account->number);
    note_deed(tools.database, "account " + std::to_string(account->number));
    open_session(tools, call, *account, ask.new_session());
    if (!ask.session().empty()) // the cookie that came with it: nobody goes on in it
        Sessions(tools.redis).end(account->number, ask.session());
    transaction.commit();
    brake.release();
    return about(tools, *account);
}

CallResult log_out(CallTools& tools, const Call& call, const json_t* arguments) {
    Sessions(tools.redis).end(account_in(call), Ask(tools, arguments).session());
    return {200, "{}"};
}

CallResult show_me(CallTools& tools, const Call& call, const json_t*) {
    const auto account = Accounts(tools.database).find(account_in(call));
    return account ? about(tools, *account) : refusal(404, "not_found");
}

CallResult list_sessions(CallTools& tools, const Call& call, const json_t* arguments) {
    return sessions_of(tools, Ask(tools, arguments), account_in(call));
}

CallResult list_sessions_of_user(CallTools& tools, const Call&, const json_t* arguments) {
    const Ask ask(tools, arguments);
    const auto account = Accounts(tools.database).find(ask.path_number("user"));
    return account ? sessions_of(tools, ask, account->number) : refusal(404, "not_found");
}

CallResult end_session_of_user(CallTools& tools, const Call&, const json_t* arguments) {
    const Ask ask(tools, arguments);
    const auto account = Accounts(tools.database).find(ask.path_number("user"), true);
    if (!account)
        return refusal(404, "not_found");
    CallResult ended = end_one(tools, account->number, ask.path("session"));
    if (ended.status < 400)
        note_deed(tools.database, "account " + std::to_string(account->number));
    return ended;
}

CallResult end_sessions_of_user(CallTools& tools, const Call&, const json_t* arguments) {
    const auto account = Accounts(tools.database).find(Ask(tools, arguments).path_number("user"), true);
    if (!account)
        return refusal(404, "not_found");
    Sessions(tools.redis).end_all(account->number);
    note_deed(tools.database, "account " + std::to_string(account->number));
    return {200, "{}"};
}

CallResult end_session(CallTools& tools, const Call& call, const json_t* arguments) {
    return end_one(tools, account_in(call), Ask(tools, arguments).path("session"));
}

CallResult change_password(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string password = ask.secret("password"), next = new_password(ask);
    if (auto fault = ask.fault())
        return *std::move(fault);
    Accounts accounts(tools.database);
    const auto found = accounts.find(account_in(call));
    if (!found)
        return refusal(404, "not_found");
    LoginBrake brake(tools.redis, found->name, call.origin);
    if (auto slowed = slow_down(brake))
        return *std::move(slowed);
    if (!password_fits(found->password_hash, password))
        return invalid("password", "mismatch");
    const std::string hash = hash_password(next);

    Transaction transaction(tools.database);
    const auto account = accounts.find(found->number, true);
    if (!account || account->disabled || account->password_hash != found->password_hash)
        return refusal(409, "changed_meanwhile");
    act_as(tools.database, call.actor, call.origin, call.verb);
    accounts.set_password(account->number, hash);
    accounts.use_links(account->number);
    Sessions(tools.redis).end_all(account->number);
    open_session(tools, call, *account, ask.new_session());
    transaction.commit();
    brake.release();
    return about(tools, *account);
}

CallResult forget_password(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string login = ask.text("login", 254);
    if (auto fault = ask.fault())
        return *std::move(fault);
    Accounts accounts(tools.database);
    const auto account = accounts.find_login(login);
    if (!account || account->disabled)
        return {200, "{}"};
    Transaction transaction(tools.database);
    act_as(tools.database, "visitor", call.origin, call.verb);
    const auto mail =
        accounts.owe_link(*account, account->password_hash ? "reset" : "invitation", call.event);
    transaction.commit();
    if (mail)
        offer_mails(tools.redis, call.event, {*mail});
    return {200, "{}"};
}

CallResult set_password(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string token = ask.secret("token"), next = new_password(ask);
    if (auto fault = ask.fault())
        return *std::move(fault);
    const auto link = link_number(tools.office.keys(), token);
    if (!link)
        return refusal(404, "link_ended");
    const std::string hash = hash_password(next);

    Transaction transaction(tools.database);
    Accounts accounts(tools.database);
    const auto number = accounts.account_of_link(*link);
    const auto account = number ? accounts.find(*number, true) : std::nullopt;
    if (!account || account->disabled)
        return refusal(404, "link_ended");
    act_as(tools.database, account->actor(), call.origin, call.verb);
    accounts.set_password(account->number, hash);
    accounts.use_links(account->number);
    Sessions(tools.redis).end_all(account->number);
    transaction.commit();
    return {200, "{}"};
}

CallResult admit_key(CallTools& tools, const Call&, const json_t* arguments) {
    const std::string_view hash = text_of(json_object_get(arguments, "hash"));
    Transaction transaction(tools.database);
    const auto key = Accounts(tools.database).key_with(hash);
    if (!key)
        return refusal(401, "bad_key");
    Sessions(tools.redis).lend(hash, *key);
    transaction.commit();
    return {200, encode(*key)};
}

} // namespace mogiri::daemon
