// What staff do with mails that are owed.
#include "mail_verbs.hpp"

#include <optional>

#include "../ledger/bounce_ledger.hpp"
#include "../ledger/event_ledger.hpp"
#include "../ledger/job_ledger.hpp"
#include "ask.hpp"
#include "resource_verbs.hpp"

namespace mogiri::daemon {

namespace {

// The mail of the path; nothing when the event has none such.
std::optional<std::int64_t> mail_in(CallTools& tools, const Call& call, const Ask& ask) {
    const std::int64_t id = ask.path_number("mail");
    const Result found =
        tools.database.query("SELECT FROM mail_outbox WHERE event = $1 AND id = $2", {call.event, id});
    return found.empty() ? std::nullopt : std::optional(id);
}

} // namespace

CallResult retry_mail(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    if (auto fault = ask.fault())
        return *std::move(fault);
    const auto id = mail_in(tools, call, ask);
    if (!id)
        return refusal(404, "not_found");
    try {
        const std::int64_t due = JobLedger(tools.database).retry_mail(*id);
        CallResult result = as_shown(tools, call, "mail", std::to_string(due));
        result.mail = due;
        return result;
    } catch (const LedgerRefusal&) {
        return refusal(409, "mail_ended");
    }
}

CallResult unsuppress_mail(CallTools& tools, const Call& call, const json_t* arguments) {
    Ask ask(tools, arguments);
    if (auto fault = ask.fault())
        return *std::move(fault);
    const auto id = mail_in(tools, call, ask);
    if (!id)
        return refusal(404, "not_found");
    if (!BounceLedger(tools.database).lift(*id))
        return refusal(409, "not_suppressed");
    return as_shown(tools, call, "mail", std::to_string(*id));
}

} // namespace mogiri::daemon
