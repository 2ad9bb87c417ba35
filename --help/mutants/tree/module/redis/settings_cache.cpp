// Fetches the events' settings when the link comes up, when they change, and when Redis says that ours are
// old.
#include "redis/settings_cache.hpp"

#include <algorithm>
#include <utility>

#include <jansson.h>

#include "daemon/contract/crash_point.hpp"
#include "daemon/contract/redis_keys.hpp"

namespace mogiri::module {

namespace {

constexpr ngx_msec_t retry_pause = 250;

struct Unreference {
    void operator()(json_t* json) const { json_decref(json); }
};
using OwnedJson = std::unique_ptr<json_t, Unreference>;

// The numbers in the published list of events.
std::vector<std::uint32_t> numbers_in(std::string_view list) {
    const OwnedJson json(json_loadb(list.data(), list.size(), JSON_REJECT_DUPLICATES, nullptr));
    std::vector<std::uint32_t> numbers;
    for (std::size_t i = 0; i < json_array_size(json.get()); ++i) {
        const json_t* number = json_object_get(json_array_get(json.get(), i), "number");
        if (json_is_integer(number)) {
            numbers.push_back(static_cast<std::uint32_t>(json_integer_value(number)));
        }
    }
    return numbers;
}

} // namespace

SettingsCache::SettingsCache(RedisLink& link, Zone& zone, ngx_log_t* log)
    : link_(link), log_(log), shelf_(zone, log),
      retry_(log, Timer::Exit::ignores_it, [this] { refetch_all(); }) {
    take_from_shelf();
}

void SettingsCache::take_from_shelf() {
    const SettingsShelf::Found found = shelf_.read();
    for (const auto& [event, text] : found.texts) {
        if (SettingsPtr settings = parsed(event, text)) {
            events_[event] = {std::move(settings), true};
        }
    }
    loaded_ = found.complete;
}

// Null, and said in the log, when they are not as they should be.
SettingsPtr SettingsCache::parsed(std::uint32_t event, std::string_view text) const {
    try {
        return std::make_shared<const EventSettings>(EventSettings::parse(text));
    } catch (const SettingsError& error) {
        ngx_log_error(NGX_LOG_ERR, log_, 0, "mogiri: settings of event %uD: %s", event, error.what());
        return nullptr;
    }
}

SettingsPtr SettingsCache::numbered(std::uint32_t event) const {
    const auto found = events_.find(event);
    return found == events_.end() ? nullptr : found->second.settings;
}

std::vector<std::uint32_t> SettingsCache::numbers() const {
    std::vector<std::uint32_t> all;
    for (const auto& [number, settings] : events_) {
        all.push_back(number);
    }
    return all;
}

SettingsPtr SettingsCache::with_slug(std::string_view slug) const {
    for (const auto& [number, known] : events_) {
        if (known.settings->slug == slug) {
            return known.settings;
        }
    }
    return nullptr;
}

SettingsPtr SettingsCache::default_event() const {
    for (const auto& [number, known] : events_) {
        if (known.settings->is_default) {
            return known.settings;
        }
    }
    return nullptr;
}

void SettingsCache::refetch_all() {
    retry_.stop();
    const bool asked =
        link_.call({"FCALL", "mogiri_events", "1", redis_keys::events}, [this](RedisReply reply) {
            if (reply.is_text()) {
                refetch_each(numbers_in(reply.text()));
            } else if (!reply.lost()) {
                // Redis is still loading, or the daemon has not put the functions and events there yet.
                retry_.start(retry_pause);
            }
        });
    if (!asked && link_.ready()) {
        retry_.start(retry_pause); // too much in flight just now
    }
}

void SettingsCache::refetch_each(const std::vector<std::uint32_t>& numbers) {
    std::erase_if(events_, [&](const auto& event) {
        const bool gone = std::find(numbers.begin(), numbers.end(), event.first) == numbers.end();
        if (gone) {
            shelf_.take_off(event.first);
        }
        return gone;
    });
    const auto outstanding = std::make_shared<std::size_t>(numbers.size());
    for (const std::uint32_t number : numbers) {
        if (!refetch(number, [this, outstanding](bool fetched) {
                if (fetched && --*outstanding == 0) {
                    settled();
                }
            })) {
            retry_.start(retry_pause);
            return;
        }
    }
    if (numbers.empty()) {
        settled();
    }
}

void SettingsCache::settled() {
    loaded_ = fetched_ = true;
    shelf_.say_complete();
    MOGIRI_CRASH_POINT("module.settings.read");
    for (const auto& tell : std::exchange(told_when_fetched_, {})) {
        guarded(log_, [&] { tell(); });
    }
}

bool SettingsCache::refetch(std::uint32_t event, std::function<void(bool fetched)> done) {
    const std::string key = redis_keys::settings(event);
    return link_.call({"FCALL", "mogiri_settings", "1", key},
                      [this, event, done = std::move(done)](RedisReply reply) { done(store(event, reply)); });
}

bool SettingsCache::store(std::uint32_t event, RedisReply reply) {
    if (reply.is_nil()) {
        return true; // Redis has lost them, and gets them again: until then what is known stays
    }
    if (!reply.is_text()) {
        return false;
    }
    if (SettingsPtr settings = parsed(event, reply.text())) {
        // Replies may overtake each other over a new connection.
        const auto known = events_.find(event);
        if (known == events_.end() || known->second.from_shelf ||
            known->second.settings->version <= settings->version) {
            shelf_.put(event, settings->version, reply.text());
            events_[event] = {std::move(settings), false};
        }
    }
    return true;
}

} // namespace mogiri::module
