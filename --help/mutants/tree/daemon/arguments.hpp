// mogirid's command line.
#pragma once

#include <filesystem>
#include <optional>

namespace mogiri::daemon {

enum class Wish { run, check };

struct Arguments {
    Wish wish = Wish::run;
    std::filesystem::path configuration = "/etc/mogiri/mogirid.toml";
};

// Prints help, version or what is wrong, and returns the status to exit with, when there is nothing to run.
struct Parsed {
    std::optional<int> exit_status;
    Arguments arguments;
};
Parsed parse_arguments(int count, char** values);

} // namespace mogiri::daemon
