// Erasing one person's data, as admins order it.
#include "erasure_verb.hpp"

#include <algorithm>

#include <form.hpp>

#include "../ledger/person_erasure.hpp"
#include "../people/accounts.hpp"
#include "ask.hpp"
#include "resource_verbs.hpp"

namespace mogiri::daemon {

CallResult erase_person(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    Person person;
    const std::string who = ask.text("who", 254);
    person.roster = ask.maybe_truth("roster").value_or(false);
    const bool revoke = ask.maybe_truth("revoke").value_or(false);
    const bool dry_run = ask.maybe_truth("dry_run").value_or(false);
    if (auto fault = ask.fault())
        return *std::move(fault);
    if (address_is_acceptable(who)) {
        person.address = who;
    } else {
        person.applicant = who;
        person.event = call.event;
    }

    PersonErasure erasure(tools.database);
    if (erasure.is_on_its_way(tools.redis, person))
        return refusal(409, "on_its_way", 1);
    const PersonTraces traces = erasure.find(person);
    if (traces.empty())
        return refusal(404, "not_found");
    if (std::ranges::count(traces.accounts, account_of(call.actor).value_or(0)) > 0)
        return refusal(409, "own_account");
    if (!traces.usable.empty() && !revoke && !dry_run)
        return refusal(409, "tickets_valid");
    Transaction trial(tools.database);
    CallResult result;
    if (revoke) {
        TicketLedger(tools.database).revoke(traces.usable, "erased");
        for (const TicketRow& ticket : traces.usable)
            result.serials.push_back(static_cast<std::uint64_t>(ticket.serial));
    }
    const std::int64_t number = erasure.erase(person, traces);
    CallResult told = as_shown(tools, call, "erasure", std::to_string(number), dry_run ? 200 : 201);
    if (dry_run)
        return told; // and what the trial did is rolled back
    trial.commit();
    told.serials = std::move(result.serials);
    return told;
}

} // namespace mogiri::daemon
