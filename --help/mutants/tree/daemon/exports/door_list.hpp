// The door list on paper: a PDF on A4, by name and by reference, day by day, to tick off when the power
// fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "snapshot.hpp"

namespace mogiri::daemon {

class ExportSink;

bool has_day(Database& database, std::uint32_t event, int day);

// An ORDER BY whose {name_order} is as Japanese names are sorted: kana first, then kanji about as they are
// read. Where PostgreSQL was built without ICU, by code points.
std::string in_name_order(Database& database, std::string_view order);

// `rows`: the SELECT of the subject "door-list"; `day`: 0 for every day. A page's rows are in memory, and the
// shapes of the letters that were drawn.
void write_door_list(Snapshot& snapshot, const std::string& rows, std::uint32_t event, int day,
                     ExportSink& sink);

} // namespace mogiri::daemon
