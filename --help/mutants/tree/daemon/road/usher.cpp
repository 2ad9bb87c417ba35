// Moves the waiting list up and lets unconfirmed applications lapse: at once when notified, by a sweep
// otherwise.
#include "usher.hpp"

#include "../journal.hpp"

namespace mogiri::daemon {

namespace {

using namespace std::chrono_literals;

} // namespace

Usher::Usher(const std::string& conninfo, std::uint8_t signing_key)
    : database_(conninfo, "mogirid usher"), list_(database_, signing_key) {}

void Usher::attend_until(const std::stop_token& stop, Pulse& pulse) {
    database_.query("LISTEN mogiri_places"); // 0009_held_applications.sql tells who notifies
    while (!stop.stop_requested()) {
        pulse.beat();
        const std::size_t moved = list_.move_up(), lapsed = list_.lapse();
        if (moved > 0)
            journal::info(std::to_string(moved) + " applications moved up from the waiting list");
        if (lapsed > 0)
            journal::info(std::to_string(lapsed) +
                          " applications lapsed, their addresses were not confirmed");
        if (moved < WaitingList::most_at_once && lapsed < WaitingList::most_at_once)
            database_.wait_for_notifications(500ms);
    }
}

} // namespace mogiri::daemon
