// Health and readiness, asked of Redis each time.
#include "health.hpp"

#include "daemon/contract/ready_mark.hpp"
#include "daemon/contract/redis_keys.hpp"
#include "parked.hpp"
#include "reply.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

constexpr ngx_msec_t longest_wait = 300;

ngx_int_t send_not_ready(Request request, std::string_view why) {
    return send_problem(request,
                        {.status = 503, .code = "not_ready", .detail = std::string(why), .retry_after = 1});
}

// As the functions judge it: the same Redis process, or another one that has lost nothing.
bool is_ready(RedisReply reply, std::uint32_t event) {
    const auto mark = decode_ready_mark(reply.text());
    return mark &&
           (mark->run_id == worker().redis.run_id() || mark->batch >= worker().zone().last_batch(event));
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
    const std::uint32_t event = settings->number;
    const auto parked = Parked::park(request, longest_wait, [](Request late) {
        return send_not_ready(late, "Redis did not answer in time");
    });
    const std::string key = redis_keys::ready(event);
    const bool asked =
        worker().redis.call({"FCALL", "mogiri_status", "1", key}, [parked, event](RedisReply reply) {
            const bool ready = is_ready(reply, event);
            worker().zone().saw_ready(ready);
            parked->answer([ready](Request waiting) {
                return ready ? send_json(waiting, 200, R"({"status":"ready"})")
                             : send_not_ready(waiting, "the event's cache is not built");
            });
        });
    if (!asked) {
        parked->answer([](Request waiting) { return send_not_ready(waiting, "too much is in flight"); });
    }
    return NGX_DONE;
}

} // namespace mogiri::module
