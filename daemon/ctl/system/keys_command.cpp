// `mogirictl keys create`: the file of master keys, from which every ticket's signature comes.
#include "ctl/system/keys_command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

#include "contract/digest.hpp"
#include "ctl/exit_status.hpp"

namespace mogiri::daemon {

namespace {

// Closes at the end of its life; -1 is nothing.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0)
            close(number_);
    }
    int get() const { return number_; }

  private:
    int number_;
};

[[noreturn]] void fail(const std::string& file, const std::string& remedy) {
    throw CommandFailure(ExitStatus::input, file + ": " + std::strerror(errno) + ": " + remedy);
}

} // namespace

void create_keys(const std::string& file) {
    Descriptor out(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (out.get() < 0 && errno == EEXIST)
        fail(file, "tickets may be signed with it; choose another name, or move it away yourself");
    if (out.get() < 0)
        fail(file, "choose a folder that exists and that you may write to");

    Secret secret{};
    random_bytes(secret);
    const std::string text =
        "# mogiri's master keys: <key id> <64 hex digits>; the last line signs new tickets.\n"
        "1 " +
        hex(secret) + "\n";
    if (write(out.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        fsync(out.get()) != 0) {
        unlink(file.c_str());
        fail(file, "the key could not be written");
    }
    std::cout << "Wrote " << file << ". Keep a copy in a safe place: without it no ticket can be checked.\n";
}

} // namespace mogiri::daemon
