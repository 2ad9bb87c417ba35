// Judges the lines of a batch, some tens of them with one call after the other.
#include "door/offline_batch.hpp"

#include <algorithm>
#include <cstdlib>

#include "daemon/contract/json_owner.hpp"
#include "door/checkin_call.hpp"
#include "door/door.hpp"
#include "door/paths.hpp"
#include "door/scan.hpp"
#include "door/scanner.hpp"
#include "http/body.hpp"
#include "http/context.hpp"
#include "http/reply.hpp"
#include "worker.hpp"

namespace mogiri::module {

namespace {

constexpr ngx_msec_t longest_wait = 5000;      // milliseconds, for the whole batch
constexpr std::int64_t most_skew = 120 * 1000; // milliseconds
constexpr std::string_view ndjson = "application/x-ndjson";

struct Line {
    std::size_t number = 0; // 1 and up
    Scan scan = {};
    TicketId ticket = {};
    CurrentDay day = {}; // in which the device decided
    bool skewed = false;
    std::string answer = {}; // "": not yet
};

void set(json_t* object, const char* name, json_t* value) {
    json_object_set_new(object, name, value);
}

// By the device's clock, which may be off: `skew` is how much it was when it sent the batch, where it told.
struct DeviceClock {
    std::optional<std::int64_t> skew;

    bool is_off(const Scan& scan) const {
        return skew ? std::llabs(*skew) > most_skew : scan.device_ms > now_ms() + most_skew;
    }
    std::int64_t time_of(const Scan& scan) const {
        return std::min(scan.device_ms - (skew && is_off(scan) ? *skew : 0), now_ms());
    }
};

void fail(Line& line, const Problem& problem) {
    const Json json = parse_json(problem_json(problem));
    for (const char* of_http : {"type", "title", "status"}) {
        json_object_del(json.get(), of_http);
    }
    set(json.get(), "line", json_integer(static_cast<json_int_t>(line.number)));
    set(json.get(), "outcome", json_string("error"));
    if (!line.scan.nonce.empty()) {
        set(json.get(), "nonce", json_of(line.scan.nonce));
    }
    line.answer = json_text(json.get());
}

class OfflineBatch : public std::enable_shared_from_this<OfflineBatch> {
  public:
    OfflineBatch(Scanner scanner, Language language, GatePlace place, std::vector<Line> lines)
        : scanner_(std::move(scanner)), settings_(scanner_.settings), language_(language), place_(place), lines_(std::move(lines)) {}

    void judge_codes();
    bool is_decided() const {
        return std::ranges::none_of(lines_, [](const Line& line) { return line.answer.empty(); });
    }
    // Puts the next lines on their way. Precondition: !is_decided(), and the link takes calls.
    void go_on(const std::shared_ptr<Parked>& parked);
    ngx_int_t answer(Request request);

  private:
    struct Asked {
        Line* line;
        CheckinItem item;
    };
    std::vector<Line*> next();
    void replied(const std::shared_ptr<Parked>& parked, const std::vector<Asked>& asked, RedisReply reply);
    void refetch(const std::shared_ptr<Parked>& parked);
    void end(const std::shared_ptr<Parked>& parked);
    void decide(Line& line, const Verdict& verdict);

    Scanner scanner_;
    SettingsPtr settings_; // newer ones, once they changed under way
    Language language_;
    GatePlace place_;
    std::vector<Line> lines_;
    bool refetched_ = false, any_judged_ = false;
};

void OfflineBatch::decide(Line& line, const Verdict& verdict) {
    const EventSettings& settings = *settings_;
    const CheckinReply& reply = verdict.reply;
    const Json json = verdict_object(verdict, settings, language_);
    set(json.get(), "line", json_integer(static_cast<json_int_t>(line.number)));
    set(json.get(), "nonce", json_of(line.scan.nonce));
    set(json.get(), "at", json_of(Timestamp(line.scan.device_ms)));
    if (line.skewed) {
        set(json.get(), "skewed", json_true());
    }
    const Gate* gate = line.scan.gate ? settings.gate(*line.scan.gate) : settings.gate_numbered(scanner_.gate);
    if (line.scan.passed && is_refusal(reply.outcome)) { // the device let somebody pass
        json_t* conflict = json_object();
        set(conflict, "gate", json_of(gate == nullptr ? "" : gate->id));
        set(conflict, "at", json_of(Timestamp(line.scan.device_ms)));
        if (reply.has_ticket && reply.first_ms != 0) {
            const Gate* other = settings.gate_numbered(reply.first_gate);
            const Device* device = settings.device_numbered(reply.first_device);
            set(conflict, "other_gate", json_of(other == nullptr ? "" : other->id));
            set(conflict, "other_time", json_of(Timestamp(reply.first_ms)));
            set(conflict, "other_device", json_of(device == nullptr ? "" : device->name));
        }
        set(json.get(), "conflict", conflict);
    }
    line.answer = json_text(json.get());
    any_judged_ = true;
    if (!reply.test) {
        worker().zone().count_scan({place_.event, gate == nullptr ? place_.gate : gate->number}, reply);
    }
}

// What the worker can tell by itself.
void OfflineBatch::judge_codes() {
    const EventSettings& settings = *settings_;
    for (Line& line : lines_) {
        if (!line.answer.empty()) {
            continue;
        }
        Verdict verdict;
        if (line.scan.gate && settings.gate(*line.scan.gate) == nullptr) {
            fail(line, unknown_gate(language_));
            continue;
        }
        switch (worker().codes.verify(line.scan.code, line.ticket)) {
        case CodeVerdict::misshapen:
            verdict.reply.outcome = CheckinOutcome::bad_code;
            break;
        case CodeVerdict::forged:
            verdict.reply.outcome = CheckinOutcome::unknown;
            break;
        case CodeVerdict::genuine:
            if (line.ticket.event == settings.number) {
                continue;
            }
            verdict.reply.outcome = CheckinOutcome::wrong_event;
        }
        const SettingsPtr other = worker().settings.numbered(line.ticket.event);
        verdict.ticket_event = verdict.reply.outcome == CheckinOutcome::wrong_event ? other.get() : nullptr;
        decide(line, verdict);
    }
}

// The next lines that are not judged, as long as they are of the same day.
std::vector<Line*> OfflineBatch::next() {
    std::vector<Line*> lines;
    for (Line& line : lines_) {
        if (!line.answer.empty()) {
            continue;
        }
        if (lines.size() == Door::largest_batch ||
            (!lines.empty() &&
             (lines.front()->day.day != line.day.day || lines.front()->day.window != line.day.window))) {
            break;
        }
        lines.push_back(&line);
    }
    return lines;
}

void OfflineBatch::go_on(const std::shared_ptr<Parked>& parked) {
    const std::vector<Line*> lines = next();
    const EventSettings& settings = *settings_;
    CheckinCall call(settings, lines.front()->day, worker().redis.run_id(), worker().zone().last_batch(settings.number));
    std::vector<Asked> asked;
    for (Line* line : lines) {
        auto item = item_of(door_scan(scanner_, line->scan.words(), line->ticket), *settings_,
                            now_ms() + static_cast<std::int64_t>(longest_wait));
        if (const auto* unfit = std::get_if<Unfit>(&item)) { // under settings that changed meanwhile
            fail(*line, *unfit == Unfit::device ? bad_device_key() : unknown_gate(language_));
            continue;
        }
        auto& scan = std::get<CheckinItem>(item);
        scan.device_ms = line->scan.device_ms;
        scan.flags = static_cast<std::uint8_t>(scan_flags::offline | (line->skewed ? scan_flags::skewed : 0) |
                                               (line->scan.passed ? scan_flags::passed : 0));
        call.add(line->ticket.serial, scan);
        asked.push_back({line, scan});
    }
    if (asked.empty()) {
        end(parked);
        return;
    }
    if (!worker().redis.call(call.arguments(), [self = shared_from_this(), parked, asked](RedisReply reply) {
            if (!parked->gone()) {
                self->replied(parked, asked, reply);
            }
        })) {
        end(parked);
    }
}

void OfflineBatch::replied(const std::shared_ptr<Parked>& parked, const std::vector<Asked>& asked, RedisReply reply) {
    if (reply.is_error("SETTINGS") && !refetched_) {
        refetch(parked);
        return;
    }
    if (!reply.is_array() || reply.size() != asked.size() + 2) {
        end(parked);
        return;
    }
    worker().zone().saw_batch(settings_->number, static_cast<std::uint64_t>(reply[0].integer()));
    for (std::size_t i = 0; i < asked.size(); ++i) {
        const auto& [line, item] = asked[i];
        const auto decided = decode_checkin_reply(reply[i + 2].text(), item, reply[1].integer());
        if (!decided || decided->outcome == CheckinOutcome::late || decided->outcome == CheckinOutcome::damaged) {
            fail(*line, degraded(language_));
        } else {
            decide(*line, {*decided, line->day.day});
        }
    }
    if (is_decided()) {
        end(parked);
    } else {
        go_on(parked);
    }
}

void OfflineBatch::refetch(const std::shared_ptr<Parked>& parked) {
    refetched_ = true;
    const std::uint32_t event = settings_->number;
    if (!worker().settings.refetch(event, [self = shared_from_this(), parked, event](bool fetched) {
            SettingsPtr settings = worker().settings.numbered(event);
            if (parked->gone()) {
                return;
            }
            if (!fetched || settings == nullptr) {
                self->end(parked);
                return;
            }
            self->settings_ = std::move(settings);
            self->go_on(parked);
        })) {
        end(parked);
    }
}

// What is not judged by now is told so; it may be sent again.
void OfflineBatch::end(const std::shared_ptr<Parked>& parked) {
    parked->answer([this](Request request) { return answer(request); });
}

ngx_int_t OfflineBatch::answer(Request request) {
    if (!any_judged_ && !is_decided()) {
        context(request).outcome = context(request).reason = "degraded";
        return send_problem(request, degraded(language_, "unknown"));
    }
    std::string body;
    for (Line& line : lines_) {
        if (line.answer.empty()) {
            fail(line, degraded(language_));
        }
        body += line.answer + "\n";
    }
    context(request).outcome = "batch";
    return send(request, {.content_type = ndjson, .body = body});
}

// Blank lines are none. Nothing when there are too many.
std::optional<std::vector<Line>> lines_in(std::string_view body, const Scanner& scanner, Language language,
                                          const DeviceClock& clock) {
    std::vector<Line> lines;
    for (std::size_t number = 1; !body.empty(); ++number) {
        const std::size_t end = std::min(body.find('\n'), body.size());
        std::string_view text = body.substr(0, end);
        body.remove_prefix(std::min(end + 1, body.size()));
        if (text.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        if (lines.size() == most_offline_lines) {
            return std::nullopt;
        }
        Line line{.number = number};
        auto scan = parse_scan(text, language, ScanKind::offline);
        if (const auto* problem = std::get_if<Problem>(&scan)) {
            fail(line, *problem);
        } else {
            line.scan = std::get<Scan>(std::move(scan));
            line.skewed = clock.is_off(line.scan);
            line.day = scanner.settings->day_at(clock.time_of(line.scan));
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

ngx_int_t judge_batch(Request request, Scanner scanner, std::string_view body) {
    DeviceClock clock;
    if (const auto told = request.header("Device-Time")) {
        const auto time = parse_time(*told);
        if (!time) {
            return send_problem(request, {.status = 400, .detail = "Device-Time is a time as in RFC 3339"});
        }
        clock.skew = *time - now_ms();
    }
    auto lines = lines_in(body, scanner, request.language(), clock);
    if (!lines) {
        return send_problem(request, {.status = 413,
                                      .code = "too_many_lines",
                                      .detail = "at most " + std::to_string(most_offline_lines) + " lines"});
    }
    if (lines->empty()) {
        return send_problem(request, {.status = 400, .code = "broken_json", .detail = "the body is empty"});
    }
    const GatePlace place{scanner.settings->number, scanner.gate};
    const auto batch = std::make_shared<OfflineBatch>(std::move(scanner), request.language(), place, *std::move(lines));
    batch->judge_codes();
    if (batch->is_decided() || !worker().redis.takes_calls()) {
        return batch->answer(request);
    }
    // Whoever sends it again with the same nonces is told what was decided.
    batch->go_on(Parked::park(request, longest_wait, [](Request late) {
        return send_problem(late, {.status = 503, .code = "busy", .retry_after = 1});
    }));
    return NGX_DONE;
}

} // namespace

ngx_int_t serve_offline_batch(Request request, const Visit& visit) {
    auto found = scanner_of(request, visit);
    if (const auto* problem = std::get_if<Problem>(&found)) {
        return send_problem(request, *problem);
    }
    if (!request.content_type().empty() && !request.has_content_type(ndjson)) {
        return send_problem(request, {.status = 415, .detail = "send application/x-ndjson"});
    }
    return read_body(
        request,
        [scanner = std::get<Scanner>(std::move(found))](Request whole, std::string_view body) {
            return judge_batch(whole, scanner, body);
        },
        longest_offline_batch);
}

} // namespace mogiri::module
