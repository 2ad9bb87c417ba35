// A private PostgreSQL and a private Redis for the tests of one program, in a folder of their own.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "configuration.hpp"

namespace mogiri::daemon {

// Started at the first call, ended with the program. Root starts them as nobody, since PostgreSQL refuses
// root.
class Servers {
  public:
    static Servers& running();

    // A database of its own with the ledger's tables, and an emptied Redis: where a test begins.
    Configuration fresh();

    Servers(const Servers&) = delete;
    Servers& operator=(const Servers&) = delete;

  private:
    Servers();
    ~Servers();
    pid_t start(const std::vector<std::string>& words);
    std::string conninfo(const std::string& database) const;

    std::filesystem::path folder_;
    pid_t postgres_ = -1, redis_ = -1;
    int databases_ = 0;
};

} // namespace mogiri::daemon
