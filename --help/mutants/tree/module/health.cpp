// Health, and readiness: asked of Redis each time, the queues as they were seen last.
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

// As of the last look, at most 5 s ago; nothing while all is well.
std::string what_waits_too_long(Request request, std::uint32_t event) {
    const auto ages = worker().zone().queue_ages(event);
    const auto& allowed = request.location_conf().oldest;
    for (std::size_t i = 0; ages && i < queue_count; ++i) {
        if (allowed[i] != 0 && (*ages)[i] > allowed[i]) {
            return "in the queue of " + std::string(queue_names[i]) + " the oldest has waited for " +
                   std::to_string((*ages)[i] / 1000) + " s, and may for " + std::to_string(allowed[i] / 1000);
        }
    }
    return {};
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
    worker().readiness.ask(event, [parked, event](bool ready) {
        parked->answer([ready, event](Request waiting) {
            if (!ready) {
                return send_not_ready(waiting, "the event's cache is not built");
            }
            const std::string late = what_waits_too_long(waiting, event);
            return late.empty() ? send_json(waiting, 200, R"({"status":"ready"})")
                                : send_not_ready(waiting, late);
        });
    });
    return NGX_DONE;
}

} // namespace mogiri::module
