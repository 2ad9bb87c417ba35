// The one header that takes nginx into C++: its headers, views of its strings, owners for its pools and
// timers.
//
// Everything here runs in nginx's single thread. What nginx calls goes through guarded(): an exception that
// reached a C frame would end the worker with all of its clients.
#pragma once

#include <cstddef>
#include <cstring>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_event_connect.h>
#include <ngx_http.h>
}

extern "C" {
extern ngx_module_t ngx_http_mogiri_module;
}

namespace mogiri::module {

inline std::string_view view(const ngx_str_t& text) {
    return {reinterpret_cast<const char*>(text.data), text.len};
}

// For nginx structures that keep a reference; the text must outlive them.
inline ngx_str_t borrowed(std::string_view text) {
    return {text.size(), reinterpret_cast<u_char*>(const_cast<char*>(text.data()))};
}

// A copy that lives as long as the pool.
inline ngx_str_t copied(ngx_pool_t* pool, std::string_view text) {
    auto* data = static_cast<u_char*>(ngx_pnalloc(pool, text.size() + 1));
    if (data == nullptr) {
        throw std::bad_alloc();
    }
    if (!text.empty()) {
        std::memcpy(data, text.data(), text.size()); // std::copy goes byte by byte, as the types differ
    }
    data[text.size()] = '\0';
    return {text.size(), data};
}

void log_exception(ngx_log_t* log) noexcept;

// Runs `body`; after an exception logs it and answers `on_failure` instead.
template <class Body>
auto guarded(ngx_log_t* log, std::invoke_result_t<Body> on_failure, Body&& body) noexcept
    -> std::invoke_result_t<Body> {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        log_exception(log);
        return on_failure;
    }
}

template <class Body>
requires std::is_void_v<std::invoke_result_t<Body>>
void guarded(ngx_log_t* log, Body&& body) noexcept {
    try {
        std::forward<Body>(body)();
    } catch (...) {
        log_exception(log);
    }
}

// An object that lives in a pool and is destroyed with it.
template <class Object, class... Arguments> Object* make_in_pool(ngx_pool_t* pool, Arguments&&... arguments) {
    static_assert(alignof(Object) <= NGX_ALIGNMENT, "pools align to a word only");
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(pool, sizeof(Object));
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    auto* object = new (cleanup->data) Object(std::forward<Arguments>(arguments)...);
    if constexpr (!std::is_trivially_destructible_v<Object>) {
        cleanup->handler = [](void* data) { std::destroy_at(static_cast<Object*>(data)); };
    }
    return object;
}

// A one-shot timer. While a timer that is not cancelable runs, a worker that was told to leave stays.
class Timer : private ngx_event_t {
  public:
    enum class Exit { waits_for_it, ignores_it };

    Timer(ngx_log_t* log, Exit exit, std::function<void()> when_due);
    ~Timer() { stop(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void start(ngx_msec_t milliseconds) { ngx_add_timer(static_cast<ngx_event_t*>(this), milliseconds); }
    void stop() {
        if (timer_set) {
            ngx_del_timer(static_cast<ngx_event_t*>(this));
        }
    }
    bool running() const { return timer_set; }

  private:
    std::function<void()> when_due_;
};

// Work that is done once at the end of this turn of the event loop, however often it was asked for.
class EndOfTurn : private ngx_event_t {
  public:
    EndOfTurn(ngx_log_t* log, std::function<void()> work);
    ~EndOfTurn() { cancel(); }
    EndOfTurn(const EndOfTurn&) = delete;
    EndOfTurn& operator=(const EndOfTurn&) = delete;

    void request() { ngx_post_event(static_cast<ngx_event_t*>(this), &ngx_posted_events); }
    void cancel() {
        if (posted) {
            ngx_delete_posted_event(static_cast<ngx_event_t*>(this));
        }
    }

  private:
    std::function<void()> work_;
};

} // namespace mogiri::module
