// A PostgreSQL of the test program's own, in a temporary folder, on a unix socket.
#pragma once

#include <string>

#include <sys/types.h>

#include "../render/scratch.hpp"

class PrivatePostgres {
  public:
    // Takes a second or two. Throws when the server does not come up.
    PrivatePostgres();
    PrivatePostgres(const PrivatePostgres&) = delete;
    PrivatePostgres& operator=(const PrivatePostgres&) = delete;
    ~PrivatePostgres();

    std::string conninfo() const {
        return "host=" + folder_.path().string() + " dbname=postgres user=postgres";
    }

  private:
    pid_t start(const std::string& command) const;

    Scratch folder_;
    pid_t server_ = -1;
};
