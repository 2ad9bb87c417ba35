// Tickets for the offline bundle, and which of them changed since a version that a scanner has.
#include "bundle_ledger.hpp"

#include <charconv>

namespace mogiri::daemon {

namespace {

constexpr int tickets_a_step = 20'000;
// Rows know the lower 32 bits of their transaction alone: the older half of the circle counts as before.
constexpr std::uint64_t farthest = 1ULL << 30;

// What each() tells of a ticket.
#define MOGIRI_BUNDLE_ROW                                                                                    \
    "SELECT serial, kind, guest_name, status = 'revoked', key_id, "                                          \
    "       coalesce((SELECT string_agg(day || ':' || inside || ':' || "                                     \
    "                                   greatest(cycle - given_back_known - undone, 0), ' ' ORDER BY day) "  \
    "                 FROM ticket_day AS use "                                                               \
    "                 WHERE use.event = $1 AND use.serial = ticket.serial), '') "

constexpr const char* all_tickets =
    MOGIRI_BUNDLE_ROW "FROM ticket WHERE event = $1 AND serial > $2 AND NOT test ORDER BY serial LIMIT $3";

// $4: the lower 32 bits of the first transaction that is not in the version.
constexpr const char* changed_tickets =
    "WITH wanted AS ("
    "    SELECT serial FROM ticket"
    "    WHERE event = $1 AND serial > $2 AND NOT test AND ((xmin::text::bigint - $4) & 4294967295) < "
    "2147483648"
    "    UNION"
    "    SELECT serial FROM ticket_day"
    "    WHERE event = $1 AND serial > $2 AND NOT $5 AND ((xmin::text::bigint - $4) & 4294967295) < "
    "2147483648"
    "    ORDER BY serial LIMIT $3"
    ") " MOGIRI_BUNDLE_ROW
    "FROM wanted JOIN ticket USING (serial) WHERE event = $1 AND NOT test ORDER BY serial";

template <class Number> bool take_number(std::string_view& text, Number& number, char end) {
    const auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(after - text.data()));
    if (error != std::errc{} || (end == '\0' ? !text.empty() : !text.starts_with(end)))
        return false;
    text.remove_prefix(end == '\0' ? 0 : 1);
    return true;
}

} // namespace

std::string BundleVersion::text() const {
    return cluster + "." + std::to_string(settings) + "." + std::to_string(key_id) + "." +
           std::to_string(before);
}

std::optional<BundleVersion> BundleVersion::parse(std::string_view text) {
    BundleVersion version;
    const std::size_t end = text.find('.');
    if (end == text.npos)
        return std::nullopt;
    version.cluster = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (!take_number(text, version.settings, '.') || !take_number(text, version.key_id, '.') ||
        !take_number(text, version.before, '\0'))
        return std::nullopt;
    return version;
}

bool BundleVersion::follows(const BundleVersion& earlier) const {
    return cluster == earlier.cluster && key_id == earlier.key_id && earlier.before <= before &&
           before - earlier.before < farthest;
}

BundleLedger::BundleLedger(Database& database) : database_(database), transaction_(database) {
    database_.query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
}

BundleVersion BundleLedger::version(std::uint32_t event, std::uint64_t settings, std::uint8_t key_id) {
    const Result rows =
        database_.query("SELECT to_hex(hashtextextended(system_identifier::text || ' ' || $1::text, 0)), "
                        "       pg_snapshot_xmin(pg_current_snapshot())::text "
                        "FROM pg_control_system()",
                        {event});
    return {rows[0].string(0), settings, key_id, static_cast<std::uint64_t>(rows[0].number(1))};
}

void BundleLedger::each(std::uint32_t event, const std::optional<BundleVersion>& since, bool names,
                        const std::function<void(const BundleRow&)>& take) {
    std::uint64_t last = 0;
    for (;;) {
        const Result rows = since ? database_.query(changed_tickets, {event, last, tickets_a_step,
                                                                      since->before & 0xffffffff, names})
                                  : database_.query(all_tickets, {event, last, tickets_a_step});
        for (Row row : rows) {
            last = static_cast<std::uint64_t>(row.number(0));
            take({last, row.string(1), row.string(2), row.truth(3), static_cast<std::uint8_t>(row.number(4)),
                  row.string(5)});
        }
        if (rows.rows() < tickets_a_step)
            return;
    }
}

} // namespace mogiri::daemon
