#include "private_postgres.hpp"

#include <chrono>
#include <csignal>
#include <thread>

#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr const char* programs = "/usr/lib/postgresql/15/bin/";
// PostgreSQL refuses to run as root; Debian's package brings an account for it.
std::string as_other() {
    return geteuid() == 0 ? "exec setpriv --reuid=postgres --regid=postgres --clear-groups " : "exec ";
}

} // namespace

PrivatePostgres::PrivatePostgres() {
    const std::string folder = folder_.path().string();
    if (geteuid() == 0)
        waitpid(start("chown postgres: " + folder), nullptr, 0);
    int status = 0;
    waitpid(start(as_other() + programs + "initdb -A trust -U postgres -N -E UTF8 --locale=C -D " + folder +
                  "/data"),
            &status, 0);
    if (status != 0)
        throw std::runtime_error("initdb failed");
    server_ = start(as_other() + programs + "postgres -D " + folder + "/data -k " + folder +
                    " -c listen_addresses= -c fsync=off");
    for (int tries = 0; tries < 300; ++tries) {
        PGconn* connection = PQconnectdb(conninfo().c_str());
        const bool good = PQstatus(connection) == CONNECTION_OK;
        PQfinish(connection);
        if (good)
            return;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    throw std::runtime_error("PostgreSQL did not come up");
}

PrivatePostgres::~PrivatePostgres() {
    if (server_ > 0 && kill(server_, SIGINT) == 0)
        waitpid(server_, nullptr, 0);
}

pid_t PrivatePostgres::start(const std::string& command) const {
    const std::string quiet = command + " >>" + (folder_.path() / "log").string() + " 2>&1";
    const pid_t child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c", quiet.c_str(), nullptr);
        _exit(127);
    }
    return child;
}
