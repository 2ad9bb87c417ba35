// Screens at the gates: event streams of the door's live figures.
//
// Owner: the Worker. Redis is read once a second for all of a worker's screens together, and not at all while there is
// none. A stream ends when the worker leaves (clients of text/event-stream come again by themselves), when its device
// is revoked, when nobody takes what is sent, and after ten minutes, so that whoever may not look any more is noticed.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "http/request.hpp"
#include "redis/link.hpp"
#include "redis/settings_cache.hpp"

namespace mogiri::module {

class Screens {
  public:
    static constexpr std::size_t most = 64; // a worker's, then 503

    Screens(RedisLink& link, SettingsCache& settings, ngx_log_t* log);

    // Begins to stream; what a content handler returns. `key_hash`: of the device that looks, or "".
    ngx_int_t begin(Request request, std::uint32_t event, std::string key_hash);

  private:
    // As long as its request, whose pool shares it.
    struct Screen {
        ngx_http_request_t* request = nullptr; // null: it is gone
        std::uint32_t event = 0;
        std::string key_hash, text; // the text that nginx sends just now
        ngx_buf_t buffer{};
        unsigned seconds = 0, quiet = 0, stuck = 0; // its age; since the last event; with something unsent
        bool shown = false;
    };
    struct Figures {
        std::string text; // an event of the stream
        bool changed = false;
    };
    using ScreenPtr = std::shared_ptr<Screen>;

    void tick();
    void ask();
    void answered(const std::vector<SettingsPtr>& events, const std::vector<std::uint8_t>& days,
                  const std::vector<std::size_t>& sizes, RedisReply reply);
    void show_all();
    bool may_stay(const Screen& screen) const;
    void show(Screen& screen, std::string_view text);
    void end(Screen& screen);

    RedisLink& link_;
    SettingsCache& settings_;
    std::list<ScreenPtr> screens_;
    std::map<std::uint32_t, Figures> figures_; // by event
    Timer tick_;
};

} // namespace mogiri::module
