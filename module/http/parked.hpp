// A request that waits for something outside of it: parked once, answered once or gone.
//
// Owner: whoever will answer it (shared), for as long as a callback may come; never the request's pool alone.
// When nginx ends the request first (its client left, the worker shuts down), the request's cleanup clears
// the back pointer, and every later answer does nothing. While parked, the request's own timer keeps a
// leaving worker alive.
#pragma once

#include <functional>
#include <memory>

#include "http/request.hpp"

namespace mogiri::module {

class Parked : public std::enable_shared_from_this<Parked> {
  public:
    // Sends the answer and says how that went, as content handlers do; or says still_parked, having put more
    // work under way.
    using Respond = std::function<ngx_int_t(Request)>;
    static constexpr ngx_int_t still_parked = -100;

    // After this the handler, or the body's reader, must return NGX_DONE. `late` answers when `wait`
    // (milliseconds) has passed and nobody else did; when it says still_parked it must have called
    // wait_longer().
    static std::shared_ptr<Parked> park(Request request, ngx_msec_t wait, Respond late);

    // Whether the request is answered or no more; then there is nothing left to do for it.
    bool gone() const { return request_ == nullptr; }
    // Precondition: !gone().
    Request request() const { return Request(request_); }

    // Answers and ends the request, unless it is gone. Never touch the request afterwards. Never to be called
    // while the handler that parked it still runs: nginx goes on with the request when that returns, and a
    // client that has left meanwhile would have it freed by then (tests/faults/test_client_aborts.py).
    template <class Answer> void answer(const Answer& respond) {
        answer_by(&respond, [](const void* what, Request request) { return (*static_cast<const Answer*>(what))(request); });
    }
    void answer(ngx_int_t (*respond)(Request)) {
        answer([respond](Request request) { return respond(request); });
    }

    // Starts the timer afresh; `late` answers from now on.
    void wait_longer(ngx_msec_t wait);
    void wait_longer(ngx_msec_t wait, Respond late);

    Parked(Request request, Respond late); // use park()
    Parked(const Parked&) = delete;
    Parked& operator=(const Parked&) = delete;

  private:
    void answer_by(const void* what, ngx_int_t (*respond)(const void* what, Request));
    void forget() noexcept;

    ngx_http_request_t* request_;
    Respond late_;
    Timer timer_;
};

} // namespace mogiri::module
