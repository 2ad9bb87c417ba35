#include "mail_sweep.hpp"

#include <crash_point.hpp>
#include <redis_keys.hpp>

#include "../back_off.hpp"
#include "../journal.hpp"
#include "mail_stream.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr int most_at_once = 1000;
// A former life's connection may outlive it for a moment.
constexpr auto namesakes_patience = 10s;

} // namespace

MailSweep::MailSweep(const PostOffice& office, Pulse& pulse)
    : office_(office), pulse_(pulse), redis_(office.configuration().redis),
      database_(office.configuration().database, "mogirid mail sweep"),
      forgotten_(database_, office.lease_name()) {}

void MailSweep::sweep_until(const std::stop_token& stop) {
    do {
        pulse_.beat();
        sweep();
    } while (pause(stop, 1s));
}

void MailSweep::sweep() {
    if (const std::int64_t expired = forgotten_.expire_leases(); expired > 0) {
        MOGIRI_CRASH_POINT("sweep.leases_expired");
        journal::warn(std::to_string(expired) + " mails lost their worker; they are sent again");
    }
    tell_of_namesake();
    for (const Row row :
         database_.query("SELECT DISTINCT event FROM mail_outbox "
                         "WHERE state IN ('pending', 'retry', 'unknown') AND next_at <= now()")) {
        const auto event = static_cast<std::uint32_t>(row.number(0));
        const auto rows = forgotten_.claim_for_stream(event, oldest_mail_job(redis_, event), most_at_once);
        if (rows.empty())
            continue;
        MOGIRI_CRASH_POINT("sweep.rows_claimed");
        offer_mails(redis_, event, rows);
        MOGIRI_CRASH_POINT("sweep.mails_offered");
    }
    tell_what_is_owed();
}

// For the module's figures: the stream has only the mails that may be made now, not those that wait for a retry.
void MailSweep::tell_what_is_owed() {
    for (const Row row : database_.query(
             "SELECT number, coalesce(sum(mails), 0), coalesce(min(since), 0) FROM event LEFT JOIN "
             "    (SELECT event, count(*) AS mails, (extract(epoch FROM min(created_at)) * 1000)::bigint AS since "
             "     FROM mail_outbox WHERE state IN ('pending', 'retry', 'unknown') GROUP BY event "
             "     UNION ALL "
             "     SELECT event, count(*), (extract(epoch FROM min(created_at)) * 1000)::bigint "
             "     FROM mail_outbox WHERE state = 'sending' GROUP BY event) AS owed ON owed.event = number "
             "GROUP BY number")) {
        const std::string key = redis_keys::outbox(static_cast<std::uint32_t>(row.number(0)));
        if (row.number(1) > 0)
            redis_.command({"SET", key, row.string(1) + " " + row.string(2)});
        else
            redis_.command({"DEL", key}); // of none is nothing that Redis would write down
    }
}

// Two of one name take each other's work for their own of a former life. Nothing is done twice then, for rows
// and decisions are fenced, but much for nothing.
void MailSweep::tell_of_namesake() {
    if (name_is_told_ || forgotten_.name_is_ours() ||
        std::chrono::steady_clock::now() - born_ < namesakes_patience)
        return;
    name_is_told_ = true;
    journal::error("another mogirid works under the name \"" + office_.lease_name().daemon +
                   "\": give each its own, road.consumer in mogirid.toml");
}

} // namespace mogiri::daemon
