// What staff do with mails that are owed.
#include "mail_verbs.hpp"

#include <optional>

#include <redis_keys.hpp>

#include "../ledger/bounce_ledger.hpp"
#include "../ledger/event_ledger.hpp"
#include "../ledger/job_ledger.hpp"
#include "../mail/mail_preview.hpp"
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

// The mail of the path as it would be written now, or why it cannot be.
struct Written {
    std::optional<PreviewedMail> mail;
    CallResult refused;
};

Written write_again(CallTools& tools, const Call& call, const Ask& ask) {
    // Its message's id is not told: who has it can say that the mail came back.
    const Result found = tools.database.query(
        "SELECT application, kind, recipient, language FROM mail_outbox WHERE event = $1 AND id = $2",
        {call.event, ask.path_number("mail")});
    if (found.empty())
        return {std::nullopt, refusal(404, "not_found")};
    OwedMail owed;
    owed.event = call.event;
    owed.application = found[0].string(0);
    owed.kind = found[0].string(1);
    owed.recipient = found[0].string(2);
    owed.language = found[0].string(3);
    owed.message_id = "<preview>";
    try {
        return {preview(tools.office, tools.database, tools.book, owed), refusal(409, "nothing_left")};
    } catch (const MailNotReady&) {
        return {std::nullopt, refusal(409, "mail_not_ready")};
    } catch (const TemplateError&) {
        return {std::nullopt, refusal(409, "mail_not_ready")};
    }
}

} // namespace

CallResult preview_mail(CallTools& tools, const Call& call, const json_t* arguments) {
    const auto [mail, refused] = write_again(tools, call, Ask(tools, arguments));
    if (!mail)
        return refused;
    const Json body(json_object());
    const auto set = [&](const char* name, const std::string& text) {
        json_object_set_new(body.get(), name, json_of(text));
    };
    set("from_name", mail->from_name);
    set("from", mail->from);
    set("reply_to", mail->reply_to);
    set("subject", mail->subject);
    set("text", mail->text);
    json_t* enclosures = json_array();
    json_object_set_new(body.get(), "attachments", enclosures);
    for (const PreviewedMail::Enclosure& one : mail->enclosures)
        json_array_append_new(enclosures,
                              json_pack("{s:o, s:o, s:I}", "name", json_of(one.file_name), "type",
                                        json_of(one.type), "bytes", static_cast<json_int_t>(one.size)));
    return {200, json_text(body.get())};
}

CallResult draw_mail(CallTools& tools, const Call& call, const json_t* arguments) {
    const Ask ask(tools, arguments);
    const auto [mail, refused] = write_again(tools, call, ask);
    if (!mail)
        return refused;
    const std::string key =
        redis_keys::big_answer(call.event, "mail-" + std::to_string(ask.path_number("mail")));
    tools.redis.command({"SET", key, mail->html, "EX", big_answer_life_s});
    return {200,
            encode(BigAnswer{key, static_cast<std::int64_t>(mail->html.size()), "text/html; charset=utf-8"})};
}

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
