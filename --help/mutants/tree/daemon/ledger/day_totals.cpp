// How many people entered and left on a day and are inside, as of the last drained scan.
#include "day_totals.hpp"

#include <algorithm>
#include <charconv>

namespace mogiri::daemon {

std::string encode(const DayTotals& totals) {
    return std::to_string(totals.entered) + " " + std::to_string(totals.exited) + " " +
           std::to_string(totals.inside);
}

std::optional<DayTotals> decode_totals(std::string_view text) {
    DayTotals totals;
    for (std::int64_t* number : {&totals.entered, &totals.exited, &totals.inside}) {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
        if (error != std::errc{} || *number < 0)
            return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const bool last = number == &totals.inside;
        if (last ? !text.empty() : !text.starts_with(' '))
            return std::nullopt;
        if (!last)
            text.remove_prefix(1);
    }
    return totals;
}

std::map<std::uint8_t, DayTotals> ledger_totals(Database& database, std::uint32_t event) {
    std::map<std::uint8_t, DayTotals> totals;
    for (Row row : database.query(
             "SELECT days.day, entered - given_back, coalesce(inside, 0) FROM "
             "(SELECT day, sum(inside) FILTER (WHERE NOT EXISTS (SELECT FROM ticket old JOIN ticket next "
             "   USING (application, position) WHERE (old.event, old.serial) = (use.event, use.serial) "
             "   AND next.serial > old.serial)) AS inside, sum(given_back_known) AS given_back "
             " FROM ticket_day use WHERE event = $1 GROUP BY day) "
             "AS days JOIN "
             "(SELECT day, count(*) AS entered FROM admission WHERE event = $1 GROUP BY day) "
             "AS admissions USING (day)",
             {event})) {
        const std::int64_t entered = row.number(1), inside = row.number(2);
        totals[static_cast<std::uint8_t>(row.number(0))] = {
            entered, std::max<std::int64_t>(entered - inside, 0), inside};
    }
    return totals;
}

} // namespace mogiri::daemon
