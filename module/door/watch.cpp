// Who watches, and which day.
#include "door/watch.hpp"

#include <charconv>

#include "api/api.hpp"
#include "daemon/contract/form.hpp"
#include "door/figures.hpp"
#include "door/scanner.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

ngx_int_t send_unavailable(Request request) {
    return send_problem(request, {.status = 503, .code = "not_ready", .retry_after = 1});
}

// ?day=2, else the current one; nothing when the event has none of that number.
std::optional<std::uint8_t> day_in(std::string_view query, const EventSettings& settings) {
    if (query.empty()) {
        return settings.day_at(now_ms()).day;
    }
    constexpr std::string_view name = "day=";
    unsigned number = 0;
    if (!query.starts_with(name)) {
        return std::nullopt;
    }
    query.remove_prefix(name.size());
    const auto [end, error] = std::from_chars(query.data(), query.data() + query.size(), number);
    for (const EventDay& day : settings.days) {
        if (error == std::errc{} && end == query.data() + query.size() && day.number == number) {
            return day.number;
        }
    }
    return std::nullopt;
}

ngx_int_t send_unknown_day(Request request) {
    return send_problem(request,
                        {.status = 422,
                         .errors = {{"day", std::string(fault_code(FieldFault::not_in_list)),
                                     std::string(fault_message(FieldFault::not_in_list, request.language()))}}});
}

// Precondition: worker().redis.takes_calls().
void ask_for_figures(const std::shared_ptr<Parked>& parked, const SettingsPtr& settings, std::uint8_t day) {
    const std::vector<std::string> keys = figure_keys(*settings, day);
    const std::string count = std::to_string(keys.size());
    std::vector<std::string_view> words{"FCALL", "mogiri_live", count};
    words.insert(words.end(), keys.begin(), keys.end());
    worker().redis.call(words, [parked, settings, day](RedisReply reply) {
        parked->answer([&](Request waiting) {
            if (reply.lost() || !reply.is_array()) {
                return send_unavailable(waiting);
            }
            std::vector<std::string_view> values;
            for (std::size_t i = 0; i < reply.size(); ++i) {
                values.push_back(reply[i].text());
            }
            return send_json(waiting, 200, figures_json(*settings, day, now_ms(), values));
        });
    });
}

constexpr ngx_msec_t longest_wait = 300;

} // namespace

ngx_int_t serve_door_stats(Request request, const Visit& visit) {
    auto event = event_of(visit);
    if (const auto* problem = std::get_if<Problem>(&event)) {
        return send_problem(request, *problem);
    }
    const auto settings = std::get<SettingsPtr>(std::move(event));
    const auto day = day_in(request.query(), *settings);
    if (device_of(request, settings) == nullptr) {
        return admit(request, visit, settings,
                     [settings, day](const std::shared_ptr<Parked>& parked, const Principal&) {
                         if (!day) {
                             return send_unknown_day(parked->request());
                         }
                         if (!worker().redis.takes_calls()) {
                             return send_unavailable(parked->request());
                         }
                         parked->wait_longer(longest_wait, send_unavailable);
                         ask_for_figures(parked, settings, *day);
                         return Parked::still_parked;
                     });
    }
    if (!day) {
        return send_unknown_day(request);
    }
    if (!worker().redis.takes_calls()) {
        return send_unavailable(request);
    }
    ask_for_figures(Parked::park(request, longest_wait, send_unavailable), settings, *day);
    return NGX_DONE;
}

ngx_int_t serve_door_stream(Request request, const Visit& visit) {
    auto event = event_of(visit);
    if (const auto* problem = std::get_if<Problem>(&event)) {
        return send_problem(request, *problem);
    }
    const auto settings = std::get<SettingsPtr>(std::move(event));
    if (const Device* device = device_of(request, settings)) {
        return worker().screens.begin(request, settings->number, device->key_hash);
    }
    return admit(request, visit, settings, [settings](const std::shared_ptr<Parked>& parked, const Principal&) {
        return worker().screens.begin(parked->request(), settings->number, {});
    });
}

} // namespace mogiri::module
