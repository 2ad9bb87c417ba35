// Preloaded into Redis: makes each fsync and fdatasync take longer, by as much as a mapped file says.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

// The file's first bytes; slow_disk.py writes the one and reads the other.
struct Switch {
    std::uint32_t delay_ms;
    std::uint32_t under_way; // syncs that are being delayed now
};

Switch* map_switch() noexcept {
    const char* path = std::getenv("MOGIRI_SLOW_SYNC");
    const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0)
        return nullptr;
    void* page = mmap(nullptr, sizeof(Switch), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    return page == MAP_FAILED ? nullptr : static_cast<Switch*>(page);
}

Switch* const shared = map_switch();

using Sync = int (*)(int);

// First the delay, then the disk: what is killed meanwhile was not synced.
int slowly(const char* name, int file) noexcept {
    if (shared) {
        const std::uint32_t delay = std::atomic_ref(shared->delay_ms).load();
        if (delay > 0) {
            std::atomic_ref(shared->under_way).fetch_add(1);
            const timespec time{static_cast<time_t>(delay / 1000),
                                static_cast<long>(delay % 1000) * 1'000'000};
            nanosleep(&time, nullptr);
            std::atomic_ref(shared->under_way).fetch_sub(1);
        }
    }
    return reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name))(file);
}

} // namespace

extern "C" __attribute__((visibility("default"))) int fsync(int file) {
    return slowly("fsync", file);
}

extern "C" __attribute__((visibility("default"))) int fdatasync(int file) {
    return slowly("fdatasync", file);
}
