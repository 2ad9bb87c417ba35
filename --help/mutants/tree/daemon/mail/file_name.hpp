// File names of the tickets in a mail: the guests'.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mogiri::daemon {

// "山田 花子.png": without what a file system forbids, at most 120 bytes, never empty.
std::string ticket_file_name(std::string_view guest);

// One for each guest; guests of the same name are numbered: "山田 花子 (2).png".
std::vector<std::string> ticket_file_names(const std::vector<std::string>& guests);

} // namespace mogiri::daemon
