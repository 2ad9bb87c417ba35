// Health and readiness, asked of Redis each time.
#include "health.hpp"

#include "http/parked.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

constexpr ngx_msec_t longest_wait = 300;

ngx_int_t send_not_ready(Request request, std::string_view why) {
    return send_problem(request,
                        {.status = 503, .code = "not_ready", .detail = std::string(why), .retry_after = 1});
}

} // namespace

ngx_int_t serve_healthz(Request request, const Visit&) {
    return send_json(request, 200, R"({"status":"ok"})");
}

ngx_int_t serve_readyz(Request request, const Visit& visit) {
    if (!worker().redis.ready()) {
        return send_not_ready(request, "Redis is away");
    }
    const SettingsPtr settings = worker().settings.of(visit.slug);
    if (settings == nullptr && !visit.slug.empty() && worker().settings.loaded()) {
        return send_problem(request, {.status = 404});
    }
    if (settings == nullptr) {
        return send_not_ready(request, "no event has been published");
    }
    if (!worker().redis.takes_calls()) {
        return send_not_ready(request, "too much is in flight");
    }
    const std::uint32_t event = settings->number;
    const auto parked = Parked::park(request, longest_wait, [](Request late) {
        return send_not_ready(late, "Redis did not answer in time");
    });
    worker().readiness.ask(event, [parked](bool ready) {
        parked->answer([ready](Request waiting) {
            return ready ? send_json(waiting, 200, R"({"status":"ready"})")
                         : send_not_ready(waiting, "the event's cache is not built");
        });
    });
    return NGX_DONE;
}

} // namespace mogiri::module
