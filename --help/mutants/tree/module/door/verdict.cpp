// Verdicts as JSON, and their sentences in Japanese and English.
#include "door/verdict.hpp"

#include <cstdio>
#include <ctime>

#include "daemon/contract/json_owner.hpp"

namespace mogiri::module {

namespace {

struct Sentence {
    std::string_view ja, en;
    std::string_view in(Language language) const { return language == Language::ja ? ja : en; }
};

Sentence sentence(CheckinOutcome outcome) {
    switch (outcome) {
    case CheckinOutcome::admitted:
        return {"ご入場ください。", "Welcome."};
    case CheckinOutcome::exited:
        return {"退場を受け付けました。", "Exit recorded."};
    case CheckinOutcome::bad_code:
        return {"チケットのコードではありません。", "This is not a ticket code."};
    case CheckinOutcome::unknown:
        return {"このチケットは確認できません。", "This ticket is not known."};
    case CheckinOutcome::wrong_event:
        return {"別のイベントのチケットです。", "This ticket is for another event."};
    case CheckinOutcome::revoked:
        return {"このチケットは無効になっています。", "This ticket has been revoked."};
    case CheckinOutcome::already_inside:
        return {"すでに入場しています。", "Already inside."};
    case CheckinOutcome::allowance_used:
        return {"本日の入場はすでに使われています。", "Today's admission has been used."};
    case CheckinOutcome::not_inside:
        return {"入場の記録がありません。", "There is no entry to leave from."};
    case CheckinOutcome::not_yet:
        return {"まだ開場していません。", "The doors are not open yet."};
    case CheckinOutcome::over:
        return {"本日の入場は終了しました。", "Entry is over for today."};
    case CheckinOutcome::wrong_gate:
        return {"この入口からは入場できません。", "This ticket is not for this gate."};
    case CheckinOutcome::venue_full:
        return {"満員のため入場できません。", "The venue is full."};
    case CheckinOutcome::given_back:
    case CheckinOutcome::late:
    case CheckinOutcome::damaged:
        break;
    }
    return {"ただいま確認できません。もう一度読み取ってください。",
            "It cannot be checked just now. Please scan again."};
}

constexpr Sentence test_ticket = {"テスト券：", "Test ticket: "};
constexpr Sentence same_ticket_again = {"同じチケットをもう一度読み取りました。", "The same ticket again."};

void set(json_t* object, const char* name, json_t* value) {
    json_object_set_new(object, name, value);
}

json_t* ticket_of(const CheckinReply& reply, const EventSettings& settings) {
    json_t* ticket = json_object();
    set(ticket, "reference", json_of(reply.reference));
    set(ticket, "kind", json_of(reply.kind < settings.kinds.size() ? settings.kinds[reply.kind].id : ""));
    set(ticket, "name", json_of(reply.name));
    return ticket;
}

json_t* first_of(const CheckinReply& reply, const EventSettings& settings) {
    json_t* first = json_object();
    set(first, "time", json_of(timestamp(reply.first_ms)));
    if (const Gate* gate = settings.gate_numbered(reply.first_gate)) {
        set(first, "gate", json_of(gate->id));
    }
    if (const Device* device = settings.device_numbered(reply.first_device)) {
        set(first, "device", json_of(device->name));
    }
    return first;
}

} // namespace

std::string verdict_message(const Verdict& verdict, Language language) {
    const CheckinReply& reply = verdict.reply;
    if (verdict.ticket_event != nullptr) {
        const std::string& name = verdict.ticket_event->name.in(language);
        return language == Language::ja ? "別のイベント「" + name + "」のチケットです。"
                                        : "This ticket is for another event: " + name + ".";
    }
    const std::string_view message =
        reply.double_read ? same_ticket_again.in(language) : sentence(reply.outcome).in(language);
    return reply.test ? std::string(test_ticket.in(language)).append(message) : std::string(message);
}

std::string verdict_json(const Verdict& verdict, const EventSettings& settings, Language language) {
    const CheckinReply& reply = verdict.reply;
    const Json json(json_object());
    if (is_refusal(reply.outcome)) {
        set(json.get(), "outcome", json_string("refused"));
        set(json.get(), "reason", json_of(outcome_name(reply.outcome)));
    } else {
        set(json.get(), "outcome", json_of(outcome_name(reply.outcome)));
    }
    if (reply.repeat) {
        set(json.get(), "repeat", json_true());
    }
    if (reply.double_read) {
        set(json.get(), "double_read", json_true());
    }
    if (reply.test) {
        set(json.get(), "test", json_true());
    }
    if (reply.has_ticket) {
        set(json.get(), "ticket", ticket_of(reply, settings));
        set(json.get(), "left", json_integer(reply.left));
        set(json.get(), "inside", json_integer(reply.inside));
        set(json.get(), "day", json_integer(verdict.day));
        set(json.get(), "time", json_of(timestamp(reply.time_ms)));
        if (reply.first_ms != 0) {
            set(json.get(), "first", first_of(reply, settings));
        }
    }
    if (verdict.ticket_event != nullptr) {
        json_t* event = json_object();
        set(event, "event", json_of(verdict.ticket_event->slug));
        set(event, "name", json_of(verdict.ticket_event->name.in(language)));
        set(json.get(), "ticket_event", event);
    }
    set(json.get(), "message", json_of(verdict_message(verdict, language)));
    return json_text(json.get());
}

std::string old_verdict_json(const Verdict& verdict, Language language) {
    const CheckinOutcome outcome = verdict.reply.outcome;
    const bool is_known = outcome != CheckinOutcome::unknown && outcome != CheckinOutcome::bad_code;
    // An old scanner shows green for every 200, so the same ticket again must be none, as it was none before.
    const bool passes = !is_refusal(outcome) && !verdict.reply.double_read;
    const Json json(json_object());
    set(json.get(), "result", json_string(passes ? "success" : "error"));
    set(json.get(), "msg", json_of(verdict_message(verdict, language)));
    set(json.get(), "code", json_integer(passes ? 200 : is_known ? 400 : 404));
    return json_text(json.get());
}

std::string old_total_json(std::string_view totals, Direction direction, Language language) {
    unsigned long long entered = 0, exited = 0;
    std::sscanf(std::string(totals).c_str(), "%llu %llu", &entered, &exited);
    const bool entry = direction == Direction::entry;
    const Sentence message = entry ? Sentence{"本日の入場者数です。", "People who entered today."}
                                   : Sentence{"本日の退場者数です。", "People who left today."};
    const Json json(json_object());
    set(json.get(), "result", json_integer(static_cast<json_int_t>(entry ? entered : exited)));
    set(json.get(), "msg", json_of(message.in(language)));
    set(json.get(), "code", json_integer(200));
    return json_text(json.get());
}

Problem degraded(Language language, std::string_view signature) {
    return {.status = 503,
            .code = "degraded",
            .detail = std::string(sentence(CheckinOutcome::late).in(language)),
            .retry_after = 1,
            .members = {{"reason", "degraded"}, {"signature", std::string(signature)}}};
}

std::string timestamp(std::int64_t milliseconds) {
    const std::time_t seconds = milliseconds / 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char date[24], text[32];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(milliseconds % 1000));
    return text;
}

} // namespace mogiri::module
