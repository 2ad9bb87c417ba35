// Adds `mogirictl layout …` to the line.
#pragma once

namespace mogiri::daemon {

class CommandLine;
void describe_layouts(CommandLine& line);

} // namespace mogiri::daemon
