// One read a second, one event for each screen.
#include "door/screens.hpp"

#include <set>

#include "door/figures.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"

namespace mogiri::module {

namespace {

constexpr ngx_msec_t second = 1000;
constexpr unsigned longest_life = 600, longest_quiet = 10, longest_stuck = 30; // seconds
constexpr std::string_view degraded_event = "event: degraded\ndata: {}\n\n";

bool has_unsent(const ngx_http_request_t* request) {
    return request->buffered != 0 || request->connection->buffered != 0;
}

// Goes on with what a slow client has not taken yet.
void send_rest(ngx_http_request_t* request) {
    if (ngx_http_output_filter(request, nullptr) == NGX_ERROR) {
        ngx_http_finalize_request(request, NGX_ERROR);
    } else if (has_unsent(request) && ngx_handle_write_event(request->connection->write, 0) != NGX_OK) {
        ngx_http_finalize_request(request, NGX_ERROR);
    }
}

} // namespace

Screens::Screens(RedisLink& link, SettingsCache& settings, ngx_log_t* log)
    : link_(link), settings_(settings), tick_(log, Timer::Exit::waits_for_it, [this] { tick(); }) {}

ngx_int_t Screens::begin(Request request, std::uint32_t event, std::string key_hash) {
    if (screens_.size() >= most) {
        return send_problem(request, {.status = 503, .code = "busy", .detail = "too many screens", .retry_after = 5});
    }
    ngx_http_request_t* raw = request.raw();
    if (const ngx_int_t result = begin_stream(request, "text/event-stream"); result != NGX_OK) {
        return result;
    }
    const auto screen = std::make_shared<Screen>();
    make_in_pool<ScreenPtr>(raw->pool, screen);
    ngx_http_cleanup_t* cleanup = ngx_http_cleanup_add(raw, 0);
    if (cleanup == nullptr) {
        return NGX_ERROR;
    }
    cleanup->data = screen.get();
    cleanup->handler = [](void* data) { static_cast<Screen*>(data)->request = nullptr; };
    screen->request = raw;
    screen->event = event;
    screen->key_hash = std::move(key_hash);
    raw->main->count++;
    raw->read_event_handler = ngx_http_test_reading; // notices a client that leaves
    raw->write_event_handler = send_rest;
    screens_.push_back(screen);
    if (!tick_.running()) {
        figures_.clear();
        tick_.start(1);
    }
    return NGX_DONE;
}

void Screens::tick() {
    screens_.remove_if([](const ScreenPtr& screen) { return screen->request == nullptr; });
    for (const ScreenPtr& screen : std::list(screens_)) {
        ++screen->seconds;
        if (screen->request != nullptr && !may_stay(*screen)) {
            end(*screen);
        }
    }
    screens_.remove_if([](const ScreenPtr& screen) { return screen->request == nullptr; });
    if (screens_.empty()) {
        figures_.clear();
        return;
    }
    tick_.start(second);
    ask();
}

bool Screens::may_stay(const Screen& screen) const {
    if (ngx_exiting || ngx_terminate || screen.seconds > longest_life || screen.stuck > longest_stuck) {
        return false;
    }
    const SettingsPtr settings = settings_.numbered(screen.event);
    return settings != nullptr &&
           (screen.key_hash.empty() || settings->device_with_key(screen.key_hash) != nullptr);
}

void Screens::ask() {
    std::set<std::uint32_t> numbers;
    for (const ScreenPtr& screen : screens_) {
        numbers.insert(screen->event);
    }
    std::vector<SettingsPtr> events;
    std::vector<std::uint8_t> days;
    std::vector<std::size_t> sizes;
    std::vector<std::string> keys;
    for (const std::uint32_t number : numbers) {
        SettingsPtr settings = settings_.numbered(number);
        days.push_back(settings->day_at(now_ms()).day);
        const auto of_event = figure_keys(*settings, days.back());
        sizes.push_back(of_event.size());
        keys.insert(keys.end(), of_event.begin(), of_event.end());
        events.push_back(std::move(settings));
    }
    const std::string count = std::to_string(keys.size());
    std::vector<std::string_view> words{"FCALL", "mogiri_live", count};
    words.insert(words.end(), keys.begin(), keys.end());
    const auto told = [this, events, days, sizes](RedisReply reply) { answered(events, days, sizes, reply); };
    if (!link_.call(words, told)) {
        told(RedisReply(nullptr));
    }
}

void Screens::answered(const std::vector<SettingsPtr>& events, const std::vector<std::uint8_t>& days,
                       const std::vector<std::size_t>& sizes, RedisReply reply) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
        std::string text(degraded_event);
        if (!reply.lost() && reply.is_array() && reply.size() >= at + sizes[i]) {
            std::vector<std::string_view> values;
            for (std::size_t place = at; place < at + sizes[i]; ++place) {
                values.push_back(reply[place].text());
            }
            text = "data: " + figures_json(*events[i], days[i], now_ms(), values) + "\n\n";
        }
        at += sizes[i];
        Figures& known = figures_[events[i]->number];
        known.changed = known.text != text;
        known.text = std::move(text);
    }
    show_all();
}

// Ending one may end others' connections, but never takes a screen out of the list.
void Screens::show_all() {
    for (const ScreenPtr& screen : std::list(screens_)) {
        if (screen->request == nullptr) {
            continue;
        }
        const auto found = figures_.find(screen->event);
        if (found == figures_.end()) {
            continue;
        }
        if (has_unsent(screen->request)) {
            ++screen->stuck;
            screen->shown = false; // it is told afresh when it has taken what it has
        } else if (found->second.changed || !screen->shown) {
            show(*screen, found->second.text);
        } else if (++screen->quiet >= longest_quiet) {
            show(*screen, ":\n\n");
        }
    }
}

void Screens::show(Screen& screen, std::string_view text) {
    ngx_http_request_t* raw = screen.request;
    ngx_connection_t* connection = raw->connection;
    screen.text = text;
    screen.shown = true;
    screen.quiet = screen.stuck = 0;
    screen.buffer = ngx_buf_t{};
    screen.buffer.pos = screen.buffer.start = reinterpret_cast<u_char*>(screen.text.data());
    screen.buffer.last = screen.buffer.end = screen.buffer.pos + screen.text.size();
    screen.buffer.memory = 1;
    screen.buffer.flush = 1;
    ngx_chain_t chain{&screen.buffer, nullptr};
    if (ngx_http_output_filter(raw, &chain) == NGX_ERROR ||
        (has_unsent(raw) && ngx_handle_write_event(connection->write, 0) != NGX_OK)) {
        ngx_http_finalize_request(raw, NGX_ERROR);
    }
    ngx_http_run_posted_requests(connection);
}

void Screens::end(Screen& screen) {
    ngx_http_request_t* raw = screen.request;
    ngx_connection_t* connection = raw->connection;
    screen.request = nullptr;
    raw->keepalive = ngx_exiting ? 0 : raw->keepalive;
    ngx_http_finalize_request(raw, has_unsent(raw) ? NGX_ERROR : ngx_http_send_special(raw, NGX_HTTP_LAST));
    ngx_http_run_posted_requests(connection);
}

} // namespace mogiri::module
