// Transport `spool`: one .eml file per mail in a folder, for whoever sends them on or looks at them.
//
// A mail appears whole or not at all: written under a hidden name, synced, renamed, the folder synced. It
// appears once: its name is made of its Message-ID, and a name that is taken is never written again.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <string>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <transport.h>

namespace {

constexpr std::time_t leftover_after = 3600; // seconds
constexpr std::size_t longest_name = 200;    // leaves room for what a hidden name adds
constexpr std::string_view hidden_end = ".part";

class File {
  public:
    explicit File(int number) : number_(number) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (number_ >= 0)
            ::close(number_);
    }
    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }

  private:
    int number_;
};

bool write_all(int file, const char* data, std::size_t length) {
    while (length > 0) {
        const ssize_t wrote = ::write(file, data, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        data += wrote;
        length -= static_cast<std::size_t>(wrote);
    }
    return true;
}

// Letters, digits and ".@_-" stay; every other byte becomes %XX, so that no two mails share a name.
std::string file_name(std::string_view message_id) {
    if (message_id.starts_with('<') && message_id.ends_with('>'))
        message_id = message_id.substr(1, message_id.size() - 2);
    std::string name;
    for (const char c : message_id) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '@' || c == '_' || c == '-' || (c == '.' && !name.empty());
        std::array<char, 4> escaped{};
        std::snprintf(escaped.data(), escaped.size(), "%%%02X", static_cast<unsigned char>(c));
        if (plain)
            name += c;
        else
            name += escaped.data();
    }
    return name + ".eml";
}

// The folder as it is now: it may have been moved away and made again since the last mail.
File open_folder(const std::string& directory) {
    return File(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string hidden_name(const std::string& name) {
    static std::atomic<unsigned> count{0};
    return "." + name + "." + std::to_string(::getpid()) + "." + std::to_string(count++) +
           std::string(hidden_end);
}

class Spool {
  public:
    explicit Spool(std::string directory) : directory_(std::move(directory)) { sweep(); }

    void deliver(const mogiri_envelope& envelope, std::string_view message, mogiri_result& result) const {
        const std::string name = file_name(envelope.message_id);
        if (name.size() > longest_name) {
            result.outcome = MOGIRI_PERMANENT;
            std::snprintf(result.text, sizeof result.text, "the Message-ID is too long for a file name");
            return;
        }
        if (const char* failed = place(name, message)) {
            // No mail of ours is at fault when a folder cannot be written.
            result.outcome = MOGIRI_STOPPED;
            result.code = errno;
            std::snprintf(result.text, sizeof result.text, "%s: %s: %s", failed, directory_.c_str(),
                          std::strerror(errno));
            return;
        }
        result.outcome = MOGIRI_ACCEPTED;
        result.code = 250;
        std::snprintf(result.text, sizeof result.text, "spooled");
        std::snprintf(result.provider_id, sizeof result.provider_id, "%s", name.c_str());
    }

    bool forget(std::string_view message_id, char* text, std::size_t size) const {
        const File folder = open_folder(directory_);
        const std::string name = file_name(message_id);
        if (folder && (::unlinkat(folder.number(), name.c_str(), 0) == 0 || errno == ENOENT) &&
            ::fsync(folder.number()) == 0)
            return true;
        std::snprintf(text, size, "%s: %s", directory_.c_str(), std::strerror(errno));
        return false;
    }

    bool probe(char* text, std::size_t size) const {
        const File folder = open_folder(directory_);
        const std::string name = hidden_name("probe");
        const bool good = folder && !write_hidden(folder, name, "probe");
        std::snprintf(text, size, "%s: %s", directory_.c_str(), good ? "takes mails" : std::strerror(errno));
        if (folder)
            ::unlinkat(folder.number(), name.c_str(), 0);
        return good;
    }

  private:
    // Null when the mail is there, durably; else what failed, with errno.
    const char* place(const std::string& name, std::string_view message) const {
        const File folder = open_folder(directory_);
        if (!folder)
            return "cannot open the folder";
        struct stat found;
        if (::fstatat(folder.number(), name.c_str(), &found, 0) != 0) {
            if (errno != ENOENT)
                return "cannot look";
            const std::string hidden = hidden_name(name);
            const char* failed = write_hidden(folder, hidden, message);
            // Another worker may have placed the same mail meanwhile: its file stays.
            if (!failed &&
                ::renameat2(folder.number(), hidden.c_str(), folder.number(), name.c_str(),
                            RENAME_NOREPLACE) != 0 &&
                errno != EEXIST)
                failed = "cannot rename";
            const int why = errno;
            ::unlinkat(folder.number(), hidden.c_str(), 0);
            errno = why;
            if (failed)
                return failed;
        }
        return ::fsync(folder.number()) == 0 ? nullptr : "cannot sync the folder";
    }

    static const char* write_hidden(const File& folder, const std::string& hidden, std::string_view content) {
        const File file(
            ::openat(folder.number(), hidden.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640));
        if (!file)
            return "cannot create";
        if (!write_all(file.number(), content.data(), content.size()))
            return "cannot write";
        return ::fsync(file.number()) == 0 ? nullptr : "cannot sync";
    }

    // Takes away what a daemon left that died while writing.
    void sweep() const {
        DIR* list = ::opendir(directory_.c_str());
        if (!list)
            return;
        while (const dirent* entry = ::readdir(list)) {
            const std::string_view name = entry->d_name;
            struct stat found;
            if (name.starts_with('.') && name.ends_with(hidden_end) &&
                ::fstatat(::dirfd(list), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 &&
                ::time(nullptr) - found.st_mtime > leftover_after)
                ::unlinkat(::dirfd(list), entry->d_name, 0);
        }
        ::closedir(list);
    }

    std::string directory_;
};

void* open_spool(const mogiri_option* options, std::size_t count, char* error, std::size_t error_size) try {
    std::string directory;
    for (std::size_t index = 0; index < count; ++index) {
        if (std::string_view(options[index].key) == "directory") {
            directory = options[index].value;
        } else {
            std::snprintf(error, error_size, "%s is not a key of mail.spool; it knows: directory",
                          options[index].key);
            return nullptr;
        }
    }
    if (directory.empty() || directory[0] != '/') {
        std::snprintf(error, error_size, "directory = \"%s\": must be the absolute path of a folder",
                      directory.c_str());
        return nullptr;
    }
    ::mkdir(directory.c_str(), 0750); // its parent must be there
    if (!open_folder(directory)) {
        std::snprintf(error, error_size, "directory = \"%s\": %s", directory.c_str(), std::strerror(errno));
        return nullptr;
    }
    return new Spool(directory);
} catch (const std::exception& failure) {
    std::snprintf(error, error_size, "%s", failure.what());
    return nullptr;
}

void close_spool(void* self) {
    delete static_cast<Spool*>(self);
}

unsigned patience(void*) {
    return 20;
}

void deliver(void* self, const mogiri_envelope* envelope, const char* message, std::size_t length,
             mogiri_result* result) try {
    static_cast<const Spool*>(self)->deliver(*envelope, {message, length}, *result);
} catch (const std::exception& failure) {
    result->outcome = MOGIRI_STOPPED;
    std::snprintf(result->text, sizeof result->text, "%s", failure.what());
}

int probe(void* self, char* text, std::size_t size) try {
    return static_cast<const Spool*>(self)->probe(text, size) ? 1 : 0;
} catch (const std::exception& failure) {
    std::snprintf(text, size, "%s", failure.what());
    return 0;
}

int forget(void* self, const char* message_id, char* text, std::size_t size) try {
    return static_cast<const Spool*>(self)->forget(message_id, text, size) ? 1 : 0;
} catch (const std::exception& failure) {
    std::snprintf(text, size, "%s", failure.what());
    return 0;
}

constexpr mogiri_transport transport{
    MOGIRI_TRANSPORT_ABI, "spool", open_spool, close_spool, patience, deliver, probe, forget};

} // namespace

__attribute__((visibility("default"))) const struct mogiri_transport* mogiri_transport_plugin(void) {
    return &transport;
}
