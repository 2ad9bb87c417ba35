// Named places in the code where a test lets the process die, as kill -9 would just there.
#include "crash_point.hpp"

#ifdef MOGIRI_CRASH_POINTS

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace mogiri {

namespace {

constexpr std::size_t page_size = 4096;

// The file's first page: the name with a zero behind it; empty when nobody is to die. Mapped when the program
// or module is loaded: nginx takes the environment from its workers.
char* map_wish() noexcept {
    const char* path = std::getenv("MOGIRI_CRASH_FILE");
    if (!path)
        return nullptr;
    const int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return nullptr;
    void* page = mmap(nullptr, page_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return page == MAP_FAILED ? nullptr : static_cast<char*>(page);
}

char* const wish = map_wish();

} // namespace

void crash_point(const char* name) noexcept {
    if (!wish || std::strncmp(wish, name, page_size) != 0)
        return;
    char first = name[0];
    if (std::atomic_ref(*wish).compare_exchange_strong(first, '\0'))
        std::raise(SIGKILL);
}

} // namespace mogiri

#endif
