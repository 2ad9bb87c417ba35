// A list of texts in the zone's slabs. The slabs' mutex guards it; when its holder is killed, nginx's master
// opens it again, and whatever the holder was about to do, the list is whole: one store changes it
// (tests/faults/test_crash_points_module.py dies in the middle).
#include "redis/settings_shelf.hpp"

#include <cstring>
#include <new>

#include "daemon/contract/crash_point.hpp"

namespace mogiri::module {

// In shared memory; the text follows.
struct ShelvedSettings {
    std::atomic<ShelvedSettings*> next;
    std::uint64_t version;
    std::size_t size;
    std::uint32_t event;

    char* text() { return reinterpret_cast<char*>(this + 1); }
};

namespace {

using Link = std::atomic<ShelvedSettings*>;

class Locked {
  public:
    explicit Locked(ngx_slab_pool_t& slab) : slab_(slab) { ngx_shmtx_lock(&slab_.mutex); }
    ~Locked() { ngx_shmtx_unlock(&slab_.mutex); }
    Locked(const Locked&) = delete;
    Locked& operator=(const Locked&) = delete;

  private:
    ngx_slab_pool_t& slab_;
};

// What points to the event's settings, or to the end.
Link& link_to(SharedMemory& memory, std::uint32_t event) {
    Link* link = &memory.shelf;
    while (ShelvedSettings* shelved = link->load()) {
        if (shelved->event == event) {
            break;
        }
        link = &shelved->next;
    }
    return *link;
}

void unlink(ngx_slab_pool_t& slab, Link& link) {
    if (ShelvedSettings* shelved = link.load()) {
        link.store(shelved->next.load());
        ngx_slab_free_locked(&slab, shelved);
    }
}

} // namespace

void SettingsShelf::put(std::uint32_t event, std::uint64_t version, std::string_view text) {
    SharedMemory& memory = zone_.memory();
    ngx_slab_pool_t& slab = zone_.slab();
    {
        const Locked locked(slab);
        Link& link = link_to(memory, event);
        ShelvedSettings* old = link.load();
        if (old != nullptr && old->version >= version) {
            return;
        }
        const std::size_t size = sizeof(ShelvedSettings) + text.size();
        void* place = ngx_slab_alloc_locked(&slab, size);
        if (place == nullptr && old != nullptr) {
            unlink(slab, link);
            old = nullptr;
            place = ngx_slab_alloc_locked(&slab, size);
        }
        if (place != nullptr) {
            auto* fresh = new (place) ShelvedSettings{{nullptr}, version, text.size(), event};
            std::memcpy(fresh->text(), text.data(), text.size());
            Link& spot = old != nullptr ? link : link_to(memory, event);
            fresh->next = old != nullptr ? old->next.load() : nullptr;
            MOGIRI_CRASH_POINT("module.shelf.locked");
            spot.store(fresh);
            if (old != nullptr) {
                ngx_slab_free_locked(&slab, old);
            }
            return;
        }
        memory.shelf_is_complete = false;
    }
    if (!memory.shelf_is_full.exchange(true)) {
        ngx_log_error(NGX_LOG_WARN, log_, 0,
                      "mogiri: mogiri_zone is too small for the settings of event %uD (%uz bytes): a worker "
                      "that starts while Redis is away will not know that event",
                      event, text.size());
    }
}

void SettingsShelf::take_off(std::uint32_t event) {
    const Locked locked(zone_.slab());
    unlink(zone_.slab(), link_to(zone_.memory(), event));
}

SettingsShelf::Found SettingsShelf::read() const {
    Found found;
    found.complete = zone_.memory().shelf_is_complete;
    const Locked locked(zone_.slab());
    for (ShelvedSettings* shelved = zone_.memory().shelf; shelved != nullptr; shelved = shelved->next) {
        found.texts.emplace_back(shelved->event, std::string(shelved->text(), shelved->size));
    }
    return found;
}

} // namespace mogiri::module
