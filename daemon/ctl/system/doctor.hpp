// `mogirictl doctor`: looks at everything the daemon needs, says what is wrong and how to mend it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

enum class Verdict { good, warning, wrong };

struct Finding {
    std::string subject; // "redis", "database", …
    Verdict verdict = Verdict::good;
    std::string says;
    std::string remedy; // empty when good
};

using Findings = std::vector<Finding>;

// Each looks at one neighbour of the daemon and never throws for what it finds there.
Findings examine_files(const Configuration& configuration);
Findings examine_redis(const Configuration& configuration);
Findings examine_database(const Configuration& configuration);
Findings examine_mail(const Configuration& configuration);

// Examines everything and prints it; false when something is wrong.
bool doctor(const std::filesystem::path& configuration_file, bool json);

} // namespace mogiri::daemon
