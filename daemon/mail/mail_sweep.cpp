#include "mail_sweep.hpp"

#include <crash_point.hpp>

#include "../back_off.hpp"
#include "../journal.hpp"
#include "mail_stream.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

constexpr int most_at_once = 1000;

} // namespace

MailSweep::MailSweep(const PostOffice& office, Pulse& pulse)
    : pulse_(pulse), redis_(office.configuration().redis),
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
}

} // namespace mogiri::daemon
