// Parking: one count on the request, one timer, one cleanup, one end.
#include "http/parked.hpp"

#include <utility>

#include "daemon/contract/crash_point.hpp"
#include "recycled.hpp"

namespace mogiri::module {

Parked::Parked(Request request, Respond late)
    : request_(request.raw()), late_(std::move(late)),
      timer_(ngx_cycle->log, Timer::Exit::waits_for_it, [this] {
          const Respond late = late_; // which may name another one for the next time
          answer(late);
      }) {}

std::shared_ptr<Parked> Parked::park(Request request, ngx_msec_t wait, Respond late) {
    ngx_http_request_t* raw = request.raw();
    auto parked = std::allocate_shared<Parked>(RecyclingAllocator<Parked>(), request, std::move(late));
    // The pool shares the ownership, so that a request that nobody holds can still time out.
    make_in_pool<std::shared_ptr<Parked>>(raw->pool, parked);
    ngx_http_cleanup_t* cleanup = ngx_http_cleanup_add(raw, 0);
    if (cleanup == nullptr) {
        throw std::bad_alloc();
    }
    cleanup->data = parked.get();
    cleanup->handler = [](void* data) { static_cast<Parked*>(data)->forget(); };

    raw->main->count++;
    raw->read_event_handler = ngx_http_test_reading; // notices a client that leaves
    raw->write_event_handler = ngx_http_request_empty_handler;
    parked->timer_.start(wait);
    return parked;
}

void Parked::answer_by(const void* what, ngx_int_t (*respond)(const void* what, Request)) {
    if (gone()) {
        return;
    }
    const auto keep = shared_from_this();
    ngx_http_request_t* raw = request_;
    ngx_connection_t* connection = raw->connection;
    const ngx_int_t result = guarded(ngx_cycle->log, ngx_int_t{NGX_HTTP_INTERNAL_SERVER_ERROR},
                                     [&] { return respond(what, Request(raw)); });
    if (result == still_parked) {
        return;
    }
    if (gone()) { // its client left meanwhile, and nginx has posted its end
        ngx_http_run_posted_requests(connection);
        return;
    }
    MOGIRI_CRASH_POINT("module.http.answered");
    forget();
    ngx_http_finalize_request(raw, result);
    ngx_http_run_posted_requests(connection);
}

void Parked::wait_longer(ngx_msec_t wait) {
    timer_.stop();
    timer_.start(wait);
}

void Parked::wait_longer(ngx_msec_t wait, Respond late) {
    late_ = std::move(late);
    wait_longer(wait);
}

void Parked::forget() noexcept {
    request_ = nullptr;
    timer_.stop();
}

} // namespace mogiri::module
