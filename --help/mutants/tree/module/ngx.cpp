// Timers and posted events of nginx as C++ objects.
#include "ngx.hpp"

namespace mogiri::module {

namespace {

// nginx's debug log reads a file descriptor behind every event's data.
ngx_connection_t& no_connection() {
    static ngx_connection_t connection = [] {
        ngx_connection_t none{};
        none.fd = static_cast<ngx_socket_t>(-1);
        return none;
    }();
    return connection;
}

} // namespace

void log_exception(ngx_log_t* log) noexcept {
    try {
        throw;
    } catch (const std::exception& error) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "mogiri: %s", error.what());
    } catch (...) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "mogiri: unknown exception");
    }
}

Timer::Timer(ngx_log_t* to, Exit exit, std::function<void()> when_due)
    : ngx_event_t{}, when_due_(std::move(when_due)) {
    data = &no_connection();
    log = to;
    cancelable = exit == Exit::ignores_it ? 1 : 0;
    handler = [](ngx_event_t* event) {
        guarded(event->log, [event] {
            // A copy, since the work may destroy the timer.
            auto work = static_cast<Timer*>(event)->when_due_;
            work();
        });
    };
}

EndOfTurn::EndOfTurn(ngx_log_t* to, std::function<void()> work) : ngx_event_t{}, work_(std::move(work)) {
    data = &no_connection();
    log = to;
    handler = [](ngx_event_t* event) {
        guarded(event->log, [event] { static_cast<EndOfTurn*>(event)->work_(); });
    };
}

} // namespace mogiri::module
