// Accounts as admins change them.
#include "user_verbs.hpp"

#include "../people/accounts.hpp"
#include "../people/sessions.hpp"
#include "ask.hpp"
#include "resource_verbs.hpp"

namespace mogiri::daemon {

namespace {

std::optional<std::vector<Grant>> grants_in(Ask& ask) {
    const json_t* list = ask.value("roles");
    if (!list)
        return std::nullopt;
    std::vector<Grant> grants;
    if (!json_is_array(list) || json_array_size(list) > 100) {
        ask.wrong("roles", "invalid_format");
        return grants;
    }
    std::size_t index = 0;
    const json_t* one = nullptr;
    json_array_foreach(list, index, one) {
        const json_t *role = json_object_get(one, "role"), *event = json_object_get(one, "event");
        if (!json_is_string(role) || (event && !json_is_integer(event)) ||
            json_object_size(one) != (event ? 2U : 1U))
            ask.wrong("roles", "invalid_format");
        else if (event && (json_integer_value(event) < 1 || json_integer_value(event) > 16'777'215))
            ask.wrong("roles", "out_of_range");
        else
            grants.push_back({std::string(text_of(role)),
                              event ? std::optional(static_cast<std::uint32_t>(json_integer_value(event)))
                                    : std::nullopt});
    }
    return grants;
}

CallResult shown(CallTools& tools, const Call& call, std::int64_t number, int status = 200) {
    return as_shown(tools, call, "user", std::to_string(number), status);
}

} // namespace

CallResult create_user(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const std::string name = ask.text("name", 100), email = ask.text("email", 254);
    const std::string language = ask.value("language") ? ask.choice("language", {"ja", "en"}) : "ja";
    const auto grants = grants_in(ask);
    if (!grants)
        ask.wrong("roles", "missing");
    const bool invite = ask.maybe_truth("invite").value_or(true);
    if (auto fault = ask.fault())
        return *std::move(fault);
    try {
        Accounts accounts(tools.database);
        const std::int64_t number = accounts.add(name, email, language);
        accounts.set_grants(number, *grants);
        const auto mail =
            invite ? accounts.owe_link(*accounts.find(number), "invitation", call.event) : std::nullopt;
        CallResult result = shown(tools, call, number, 201);
        result.mail = mail;
        return result;
    } catch (const AccountFault& fault) {
        return invalid(fault.field(), fault.what());
    }
}

CallResult change_user(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    const auto name = ask.maybe_text("name", 100), email = ask.maybe_text("email", 254);
    const auto language =
        ask.value("language") ? std::optional(ask.choice("language", {"ja", "en"})) : std::nullopt;
    const auto disabled = ask.maybe_truth("disabled");
    const auto grants = grants_in(ask);
    if (auto fault = ask.fault())
        return *std::move(fault);
    Accounts accounts(tools.database);
    const auto account = accounts.find(ask.path_number("user"), true);
    if (!account)
        return refusal(404, "not_found");
    if (auto unseen = ask.unless_seen(account->version))
        return *std::move(unseen);
    // Nobody locks himself out by mistake.
    if (account->actor() == call.actor && (grants || disabled.value_or(false)))
        return refusal(409, "own_account");
    try {
        accounts.change(*account, name, email, language, disabled);
        if (grants)
            accounts.set_grants(account->number, *grants);
        if (grants || disabled)
            Sessions(tools.redis).end_all(account->number);
        return shown(tools, call, account->number);
    } catch (const AccountFault& fault) {
        return invalid(fault.field(), fault.what());
    }
}

CallResult invite_user(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    if (auto fault = ask.fault())
        return *std::move(fault);
    Accounts accounts(tools.database);
    const auto account = accounts.find(ask.path_number("user"), true);
    if (!account || account->disabled)
        return refusal(404, "not_found");
    const auto mail =
        accounts.owe_link(*account, account->password_hash ? "reset" : "invitation", call.event);
    if (!mail)
        return refusal(429, "too_often", 3600);
    return {200, "{\"mail\":\"pending\"}", {}, mail};
}

CallResult withdraw_invitation(CallTools& tools, const Call& call, const json_t* arguments) {
    Accounts accounts(tools.database);
    const auto account = accounts.find(Ask(tools, arguments).path_number("user"), true);
    if (!account)
        return refusal(404, "not_found");
    accounts.use_links(account->number);
    note_deed(tools.database, "account " + std::to_string(account->number));
    return shown(tools, call, account->number);
}

} // namespace mogiri::daemon
