// A password: asked for on the terminal or read from a file, and kept only as an argon2id hash.
#include "ctl/people/password.hpp"

#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iostream>
#include <memory>

#include <sodium.h>

#include "ctl/exit_status.hpp"
#include "people/password_hash.hpp"

namespace mogiri::daemon {

namespace {

struct CloseStream {
    void operator()(std::FILE* stream) const { std::fclose(stream); }
};

// The terminal without echo, for as long as this lives.
class Silence {
  public:
    explicit Silence(int terminal) : terminal_(terminal) {
        tcgetattr(terminal_, &before_);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(terminal_, TCSAFLUSH, &silent);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence() { tcsetattr(terminal_, TCSAFLUSH, &before_); }

  private:
    int terminal_;
    termios before_{};
};

std::string without_line_end(std::string line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.pop_back();
    return line;
}

std::string ask(std::FILE* terminal, const std::string& question) {
    std::fputs((question + ": ").c_str(), terminal);
    std::fflush(terminal);
    std::array<char, longest_password + 2> line{};
    const Silence silence(fileno(terminal));
    if (!std::fgets(line.data(), line.size(), terminal))
        line[0] = '\0';
    std::fputc('\n', terminal);
    std::string answer = without_line_end(line.data());
    sodium_memzero(line.data(), line.size());
    return answer;
}

} // namespace

std::string ask_for_password(const std::string& whose) {
    std::unique_ptr<std::FILE, CloseStream> terminal(std::fopen("/dev/tty", "r+"));
    if (!terminal)
        throw CommandFailure(ExitStatus::usage,
                             "there is no terminal to ask for the password: use --password-file");
    std::string password = ask(terminal.get(), "Password for " + whose);
    if (ask(terminal.get(), "The same again") != password)
        throw CommandFailure(ExitStatus::input, "the two passwords differ: nothing was changed");
    return password;
}

std::string read_password(const std::string& file) {
    struct stat about {};
    if (stat(file.c_str(), &about) == 0 && S_ISREG(about.st_mode) && (about.st_mode & 077))
        std::cerr << "mogirictl: " << file
                  << ": others may read this password file; chmod 600 it, or remove it now\n";
    std::ifstream opened;
    std::istream& in = file == "-" ? std::cin : (opened.open(file), opened);
    std::string line;
    if (!in || !std::getline(in, line))
        throw CommandFailure(ExitStatus::input, file + ": no password in the first line");
    return without_line_end(line);
}

std::string hash_new_password(const std::string& password) {
    if (!password_is_acceptable(password))
        throw CommandFailure(ExitStatus::input, "a password has " + std::to_string(shortest_password) +
                                                    " to " + std::to_string(longest_password) +
                                                    " bytes: nothing was changed");
    return hash_password(password);
}

} // namespace mogiri::daemon
