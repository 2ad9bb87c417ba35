// Another program that does a part of a command's work, run to its end.
#include "ctl/backup/program.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "ctl/exit_status.hpp"
#include "ctl/file_in_making.hpp"
#include "owned.hpp"

extern char** environ;

namespace mogiri::daemon {

namespace {

constexpr std::size_t most_said = 4096;

// Its words and its end, as long as we are not interrupted.
std::string listen(int file) {
    std::string said;
    char piece[1024];
    for (;;) {
        FileInMaking::end_if_interrupted();
        pollfd heard{file, POLLIN, 0};
        if (poll(&heard, 1, 200) <= 0)
            continue;
        const ssize_t size = read(file, piece, sizeof piece);
        if (size == 0)
            return said;
        if (size > 0)
            said.append(piece, static_cast<std::size_t>(size)).resize(std::min(said.size(), most_said));
    }
}

void reap(pid_t child, int& status) {
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
}

} // namespace

ProgramEnvironment libpq_environment(const std::string& conninfo) {
    char* wrong = nullptr;
    const Owned<PQconninfoOption, PQconninfoFree> options(PQconninfoParse(conninfo.c_str(), &wrong));
    const Owned<char, PQfreemem> words(wrong);
    if (!options)
        throw CommandFailure(ExitStatus::input,
                             std::string("database.url: ") + (wrong ? wrong : "not readable"));
    ProgramEnvironment environment;
    for (const PQconninfoOption* option = options.get(); option->keyword; ++option)
        if (option->val && option->envvar)
            environment[option->envvar] = option->val;
    return environment;
}

void run_program(const std::vector<std::string>& words, const ProgramEnvironment& more) {
    std::vector<char*> argv;
    for (const std::string& word : words)
        argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    std::vector<std::string> lines{"LC_ALL=C.UTF-8"};
    for (char** one = environ; *one; ++one) {
        const std::string_view line = *one;
        const std::string name(line.substr(0, line.find('=')));
        if (!more.contains(name) && name != "LC_ALL")
            lines.emplace_back(line);
    }
    for (const auto& [name, value] : more)
        lines.push_back(name + "=" + value);
    std::vector<char*> environment;
    for (std::string& line : lines)
        environment.push_back(line.data());
    environment.push_back(nullptr);

    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        throw CommandFailure(ExitStatus::wrong, std::string("no pipe: ") + std::strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    pid_t child = 0;
    const int failed = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed != 0) {
        close(ends[0]);
        throw CommandFailure(ExitStatus::wrong,
                             words[0] + ": " + std::strerror(failed) +
                                 "; Debian's postgresql-client and tar have what is needed");
    }
    int status = 0;
    std::string said;
    try {
        said = listen(ends[0]);
    } catch (...) {
        close(ends[0]);
        kill(child, SIGTERM);
        reap(child, status);
        throw;
    }
    close(ends[0]);
    reap(child, status);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        while (said.ends_with('\n'))
            said.pop_back();
        throw CommandFailure(ExitStatus::wrong, words[0] + " failed" + (said.empty() ? "" : ": " + said));
    }
}

} // namespace mogiri::daemon
