// Mails that came back, in the ledger, and addresses to which nothing is sent any more.
#include "bounce_ledger.hpp"

#include <form.hpp>

namespace mogiri::daemon {

std::optional<ReturnedMail> BounceLedger::find(const std::vector<std::string>& message_ids,
                                               std::string_view provider_id) {
    // SES's ids are as long as they are random; a short one of another server could be guessed.
    const Result rows = database_.query(
        "SELECT id, event, application FROM mail_outbox WHERE message_id = ANY ($1::text[]) "
        "UNION ALL SELECT id, event, application FROM mail_outbox WHERE provider_id = $2 AND length($2) > 30 LIMIT 1",
        {message_ids, provider_id});
    if (rows.empty())
        return std::nullopt;
    return ReturnedMail{rows[0].number(0), static_cast<std::uint32_t>(rows[0].number(1)), rows[0].string(2)};
}

bool BounceLedger::note(const ReturnedMail& mail, std::string_view kind, std::string_view status,
                        std::string_view said, std::string_view source) {
    Transaction transaction(database_);
    const bool fresh =
        !database_
             .query("INSERT INTO mail_bounce (mail, kind, status, said, source) "
                    "SELECT id, $2, $3, CASE WHEN recipient = '' THEN '' ELSE $4 END, $5 "
                    "FROM mail_outbox WHERE id = $1 ON CONFLICT (mail, kind) DO NOTHING RETURNING mail",
                    {mail.id, kind, status, said, source})
             .empty();
    if (fresh && kind != "soft")
        for (Row row : database_.query("SELECT recipient FROM mail_outbox WHERE id = $1 AND recipient <> ''",
                                       {mail.id}))
            database_.query(
                "INSERT INTO mail_suppression (event, mail, address, email, kind, reason) "
                "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (address) WHERE lifted_at IS NULL DO NOTHING",
                {mail.event, mail.id, normalized_address(row.text(0)), row.text(0), kind, said});
    transaction.commit();
    return fresh;
}

std::vector<NotedBounce> BounceLedger::of_application(const std::string& application) {
    std::vector<NotedBounce> bounces;
    for (Row row :
         database_.query("SELECT mail, bounce.kind, status, said, iso(noted_at) FROM mail_bounce AS bounce "
                         "JOIN mail_outbox ON id = mail WHERE application = $1 ORDER BY number",
                         {application}))
        bounces.push_back({row.number(0), row.string(1), row.string(2), row.string(3), row.string(4)});
    return bounces;
}

std::optional<std::string> BounceLedger::reason_against(std::string_view email) {
    const Result rows = database_.query("SELECT kind, mail, reason FROM mail_suppression "
                                        "WHERE address = $1 AND lifted_at IS NULL",
                                        {normalized_address(email)});
    if (rows.empty())
        return std::nullopt;
    return (rows[0].text(0) == "hard" ? "mail " + rows[0].string(1) + " to this address came back: "
                                      : "mail " + rows[0].string(1) + " was complained about: ") +
           rows[0].string(2);
}

bool BounceLedger::lift(std::int64_t mail) {
    const Result rows = database_.query("SELECT recipient FROM mail_outbox WHERE id = $1", {mail});
    return !rows.empty() && lift(rows[0].text(0));
}

bool BounceLedger::lift(std::string_view email) {
    return database_
               .query(
                   "UPDATE mail_suppression SET lifted_at = now() WHERE address = $1 AND lifted_at IS NULL",
                   {normalized_address(email)})
               .touched() > 0;
}

} // namespace mogiri::daemon
