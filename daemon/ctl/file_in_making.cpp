// A file that appears under its name when it is whole, or never: written beside it and renamed.
#include "ctl/file_in_making.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

namespace {

volatile std::sig_atomic_t interrupted = 0;

[[noreturn]] void fail(const std::string& what) {
    throw CommandFailure(ExitStatus::wrong, what + ": " + std::strerror(errno));
}

} // namespace

FileInMaking::FileInMaking(const std::string& path) : path_(path) {
    heed_signals();
    if (path_ == "-") {
        file_ = STDOUT_FILENO;
        return;
    }
    if (std::filesystem::is_directory(path_)) {
        errno = EISDIR;
        fail(path_);
    }
    std::string beside = path_ + ".XXXXXX";
    file_ = mkostemp(beside.data(), O_CLOEXEC);
    if (file_ < 0)
        fail(path_ + ": cannot be written there");
    beside_ = std::move(beside);
}

FileInMaking::~FileInMaking() {
    if (file_ >= 0 && file_ != STDOUT_FILENO)
        close(file_);
    if (!beside_.empty())
        unlink(beside_.c_str());
}

void FileInMaking::heed_signals() {
    struct sigaction noted {};
    noted.sa_handler = [](int) { interrupted = 1; };
    for (int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaction(signal, &noted, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

void FileInMaking::end_if_interrupted() {
    if (interrupted)
        throw CommandFailure(ExitStatus::wrong, "interrupted");
}

void FileInMaking::write(std::string_view bytes) {
    while (!bytes.empty()) {
        end_if_interrupted();
        const ssize_t written = ::write(file_, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR)
            fail(path_ == "-" ? "standard output" : path_);
        if (written > 0)
            bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void FileInMaking::finish() {
    end_if_interrupted();
    if (path_ == "-")
        return;
    if (fsync(file_) != 0 || std::rename(beside_.c_str(), path_.c_str()) != 0)
        fail(path_);
    beside_.clear();
    std::string folder = std::filesystem::path(path_).parent_path().string();
    if (const int opened = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        opened >= 0) {
        fsync(opened); // the rename itself
        close(opened);
    }
}

} // namespace mogiri::daemon
