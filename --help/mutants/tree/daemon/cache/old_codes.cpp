// Tells Redis which tickets the codes of the system before stand for.
#include "old_codes.hpp"

#include <redis_keys.hpp>

namespace mogiri::daemon {

namespace {

constexpr int codes_a_step = 1000;

// Of rows digest, serial.
void write(Redis& redis, std::uint32_t event, const Result& rows) {
    std::vector<std::string> command{"MSET"};
    for (Row row : rows) {
        command.push_back(redis_keys::old_code(event, row.text(0)));
        command.push_back(row.string(1));
    }
    if (command.size() > 1)
        redis.command(command);
}

} // namespace

void publish_old_codes(Redis& redis, Database& database, std::uint32_t event,
                       const std::vector<std::uint64_t>& serials) {
    if (!serials.empty())
        write(redis, event,
              database.query("SELECT digest, serial FROM old_code WHERE event = $1 AND serial = ANY "
                             "($2::bigint[])",
                             {event, serials}));
}

void write_old_codes(Redis& redis, Database& database, std::uint32_t event) {
    std::string last;
    for (;;) {
        const Result rows =
            database.query("SELECT digest, serial FROM old_code WHERE event = $1 AND digest > $2 "
                           "ORDER BY digest LIMIT $3",
                           {event, last, codes_a_step});
        if (rows.empty())
            return;
        write(redis, event, rows);
        last = rows[rows.rows() - 1].string(0);
    }
}

} // namespace mogiri::daemon
