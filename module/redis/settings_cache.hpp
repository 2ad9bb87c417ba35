// What this worker knows of the events: their settings as published in Redis, newest version first.
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

namespace mogiri::module {

using SettingsPtr = std::shared_ptr<const EventSettings>;

class SettingsCache {
  public:
    SettingsCache(RedisLink& link, ngx_log_t* log);

    // Null when there is no such event, or none has been fetched yet (loaded() tells which).
    SettingsPtr numbered(std::uint32_t event) const;
    SettingsPtr with_slug(std::string_view slug) const;
    // The event of an unprefixed address.
    SettingsPtr default_event() const;
    std::vector<std::uint32_t> numbers() const;
    // The event of "/e/<slug>/…", or the default one when the slug is "".
    SettingsPtr of(std::string_view slug) const { return slug.empty() ? default_event() : with_slug(slug); }

    // Whether a list of events has ever been fetched. It stays known while Redis is away.
    bool loaded() const { return loaded_; }

    // Calls back once, when the events are known for the first time. Precondition: !loaded().
    void when_loaded(std::function<void()> callback) { told_when_loaded_.push_back(std::move(callback)); }

    // After a SETTINGS error: fetches the event afresh, then calls `done` with whether Redis told. False,
    // with `done` dropped, when Redis is away.
    bool refetch(std::uint32_t event, std::function<void(bool fetched)> done);
    // Fetches the list of events and all of them.
    void refetch_all();

  private:
    void settled();
    void refetch_each(const std::vector<std::uint32_t>& numbers);
    bool store(std::uint32_t event, RedisReply reply);

    RedisLink& link_;
    ngx_log_t* log_;
    bool loaded_ = false;
    std::vector<std::function<void()>> told_when_loaded_;
    std::map<std::uint32_t, SettingsPtr> events_;
    Timer retry_;
};

} // namespace mogiri::module
