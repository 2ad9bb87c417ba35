// What this worker knows of the events: their settings as published in Redis, newest version first; until
// Redis has told it itself, what other workers put on the shelf.
//
// Owner: the Worker. Entries are shared and immutable, so a parked request may keep the one it began with.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "daemon/contract/event_settings.hpp"
#include "redis/link.hpp"
#include "redis/settings_shelf.hpp"

namespace mogiri::module {

using SettingsPtr = std::shared_ptr<const EventSettings>;

class SettingsCache {
  public:
    SettingsCache(RedisLink& link, Zone& zone, ngx_log_t* log);

    // Null when there is no such event, or none has been fetched yet (loaded() tells which).
    SettingsPtr numbered(std::uint32_t event) const;
    SettingsPtr with_slug(std::string_view slug) const;
    // The event of an unprefixed address.
    SettingsPtr default_event() const;
    std::vector<std::uint32_t> numbers() const;
    // The event of "/e/<slug>/…", or the default one when the slug is "".
    SettingsPtr of(std::string_view slug) const { return slug.empty() ? default_event() : with_slug(slug); }

    // Whether all events are known, by Redis or from the shelf. They stay known while Redis is away.
    bool loaded() const { return loaded_; }
    // Whether this worker has heard of them from Redis itself.
    bool fetched() const { return fetched_; }

    // Calls back once, when Redis has told all events for the first time. Precondition: !fetched().
    void when_fetched(std::function<void()> callback) { told_when_fetched_.push_back(std::move(callback)); }

    // After a SETTINGS error: fetches the event afresh, then calls `done` with whether Redis told. False,
    // with `done` dropped, when Redis is away.
    bool refetch(std::uint32_t event, std::function<void(bool fetched)> done);
    // Fetches the list of events and all of them.
    void refetch_all();

  private:
    // What is from the shelf gives way to what Redis says, whatever the versions: Redis may have been
    // rewound.
    struct Known {
        SettingsPtr settings;
        bool from_shelf = false;
    };

    void take_from_shelf();
    SettingsPtr parsed(std::uint32_t event, std::string_view text) const;
    void settled();
    void refetch_each(const std::vector<std::uint32_t>& numbers);
    bool store(std::uint32_t event, RedisReply reply);

    RedisLink& link_;
    ngx_log_t* log_;
    SettingsShelf shelf_;
    bool loaded_ = false, fetched_ = false;
    std::vector<std::function<void()>> told_when_fetched_;
    std::map<std::uint32_t, Known> events_;
    Timer retry_;
};

} // namespace mogiri::module
