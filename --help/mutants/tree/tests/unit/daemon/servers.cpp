// A private PostgreSQL and a private Redis for the tests of one program, in a folder of their own.
#include "servers.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>

#include "database.hpp"
#include "ledger/schema.hpp"

namespace mogiri::daemon {

namespace {

void wait_until(const char* what, const std::function<void()>& succeeds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (;;) {
        try {
            return succeeds();
        } catch (const std::exception& not_yet) {
            if (std::chrono::steady_clock::now() > deadline)
                throw std::runtime_error(std::string(what) + " does not answer: " + not_yet.what());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

void end(pid_t process, int signal) {
    if (process > 0 && kill(process, signal) == 0)
        waitpid(process, nullptr, 0);
}

} // namespace

Servers& Servers::running() {
    static Servers servers;
    return servers;
}

Servers::Servers() {
    char name[] = "/tmp/mogiri-unit-XXXXXX";
    if (!mkdtemp(name))
        throw std::runtime_error("no folder in /tmp");
    folder_ = name;
    if (const passwd* nobody = getpwnam("nobody"); geteuid() == 0)
        if (!nobody || chown(name, nobody->pw_uid, nobody->pw_gid) != 0)
            throw std::runtime_error("no folder for nobody");

    const std::string data = folder_ / "data";
    const pid_t initdb = start({MOGIRI_POSTGRES_BIN "/initdb", "-D", data, "-A", "trust", "-U", "mogiri",
                                "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"});
    int status = -1;
    if (waitpid(initdb, &status, 0) != initdb || status != 0)
        throw std::runtime_error("initdb failed");
    postgres_ =
        start({MOGIRI_POSTGRES_BIN "/postgres", "-D", data, "-c", "listen_addresses=", "-k", folder_, "-F"});
    redis_ = start({"redis-server", "--port", "0", "--unixsocket", folder_ / "redis.sock", "--dir", folder_,
                    "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy",
                    "noeviction"});
    wait_until("PostgreSQL", [&] {
        Database(conninfo("postgres"), "unit").query("CREATE DATABASE ledger");
        Database ledger(conninfo("ledger"), "unit");
        migrate(ledger);
    });
    wait_until("Redis", [&] { Redis({folder_ / "redis.sock", "", ""}).command({"PING"}); });
}

Servers::~Servers() {
    end(redis_, SIGKILL);
    end(postgres_, SIGQUIT);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

pid_t Servers::start(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const passwd* nobody = geteuid() == 0 ? getpwnam("nobody") : nullptr;
    const std::string log = folder_ / "log";
    const pid_t process = fork();
    if (process != 0)
        return process;
    if (nobody && (setgroups(0, nullptr) != 0 || setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGTERM); // after setuid, which clears it
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(out, 1);
    dup2(out, 2);
    execvp(arguments[0], arguments.data());
    _exit(127);
}

std::string Servers::conninfo(const std::string& database) const {
    return "host=" + folder_.string() + " user=mogiri dbname=" + database;
}

Configuration Servers::fresh() {
    const std::string name = "test_" + std::to_string(++databases_);
    Database(conninfo("postgres"), "unit").script("CREATE DATABASE " + name + " TEMPLATE ledger");
    Configuration configuration;
    configuration.database = conninfo(name);
    configuration.redis.socket = folder_ / "redis.sock";
    configuration.road.consumer = "unit";
    Redis redis(configuration.redis);
    redis.command({"FLUSHALL"});
    redis.command({"FUNCTION", "FLUSH"});
    return configuration;
}

} // namespace mogiri::daemon
