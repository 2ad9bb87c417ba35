// Verdicts as JSON, and their sentences in Japanese and English.
#include "door/verdict.hpp"

#include <cstdio>
#include <cstring>
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
    case CheckinOutcome::undone_entry:
        return {"入場を取り消しました。", "The entry was taken back."};
    case CheckinOutcome::undone_exit:
        return {"退場を取り消しました。", "The exit was taken back."};
    case CheckinOutcome::nothing_to_undo:
        return {"取り消せる入退場の記録がありません。", "There is nothing to take back."};
    case CheckinOutcome::given_back:
    case CheckinOutcome::late:
    case CheckinOutcome::damaged:
        break;
    }
    return {"ただいま確認できません。もう一度読み取ってください。",
            "It cannot be checked just now. Please scan again."};
}

constexpr Sentence test_ticket = {"テスト券：", "Test ticket: "};
constexpr Sentence let_in_by_a_supervisor = {"責任者の判断により入場できます。", "Let in by a supervisor."};
constexpr Sentence same_ticket_again = {"同じチケットをもう一度読み取りました。", "The same ticket again."};

Sentence sentence(const CheckinReply& reply) {
    return reply.double_read ? same_ticket_again : reply.forced ? let_in_by_a_supervisor : sentence(reply.outcome);
}

void set(json_t* object, const char* name, json_t* value) {
    json_object_set_new(object, name, value);
}

void add_first(JsonText& json, const CheckinReply& reply, const EventSettings& settings) {
    json.open("first");
    if (const Device* device = settings.device_numbered(reply.first_device)) {
        json.add("device", device->name);
    }
    if (const Gate* gate = settings.gate_numbered(reply.first_gate)) {
        json.add("gate", gate->id);
    }
    json.add_plain("time", Timestamp(reply.first_ms));
    json.close();
}

void add_ticket(JsonText& json, const CheckinReply& reply, const EventSettings& settings) {
    json.open("ticket");
    json.add("kind", reply.kind < settings.kinds.size() ? settings.kinds[reply.kind].id : "");
    json.add("name", reply.name);
    json.add("reference", reply.reference);
    json.close();
}

} // namespace

std::string verdict_message(const Verdict& verdict, Language language) {
    const CheckinReply& reply = verdict.reply;
    if (verdict.ticket_event != nullptr) {
        const std::string& name = verdict.ticket_event->name.in(language);
        return language == Language::ja ? "別のイベント「" + name + "」のチケットです。"
                                        : "This ticket is for another event: " + name + ".";
    }
    const std::string_view message = sentence(reply).in(language);
    return reply.test ? std::string(test_ticket.in(language)).append(message) : std::string(message);
}

// Members in the order of their names, as everywhere else. Every scan is answered by this: no tree is built.
void write_verdict(JsonText& json, const Verdict& verdict, const EventSettings& settings, Language language) {
    const CheckinReply& reply = verdict.reply;
    const bool is_undone =
        reply.outcome == CheckinOutcome::undone_entry || reply.outcome == CheckinOutcome::undone_exit;
    if (reply.has_ticket) {
        json.add("day", verdict.day);
    }
    if (reply.double_read) {
        json.add_true("double_read");
    }
    if (reply.has_ticket) {
        if (reply.first_ms != 0) {
            add_first(json, reply, settings);
        }
    }
    if (reply.forced) {
        json.add_true("forced");
    }
    if (reply.has_ticket) {
        json.add("inside", reply.inside);
        json.add("left", reply.left);
    }
    if (verdict.ticket_event != nullptr || reply.test) {
        json.add("message", verdict_message(verdict, language));
    } else {
        json.add_plain("message", sentence(reply).in(language));
    }
    if (is_refusal(reply.outcome)) {
        json.add_plain("outcome", "refused");
        json.add_plain("reason", outcome_name(reply.outcome));
    } else {
        json.add_plain("outcome", is_undone ? "undone" : outcome_name(reply.outcome));
    }
    if (reply.repeat) {
        json.add_true("repeat");
    }
    if (reply.test) {
        json.add_true("test");
    }
    if (reply.has_ticket) {
        add_ticket(json, reply, settings);
    }
    if (verdict.ticket_event != nullptr) {
        json.open("ticket_event");
        json.add("event", verdict.ticket_event->slug);
        json.add("name", verdict.ticket_event->name.in(language));
        json.close();
    }
    if (reply.has_ticket) {
        json.add_plain("time", Timestamp(reply.time_ms));
    }
    if (is_undone) {
        json.add_plain("undone", reply.outcome == CheckinOutcome::undone_entry ? "entry" : "exit");
    }
}

std::string verdict_json(const Verdict& verdict, const EventSettings& settings, Language language) {
    JsonText json;
    write_verdict(json, verdict, settings, language);
    return std::string(json.take());
}

Json verdict_object(const Verdict& verdict, const EventSettings& settings, Language language) {
    return parse_json(verdict_json(verdict, settings, language));
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

Timestamp::Timestamp(std::int64_t milliseconds) {
    // Most are of the second that was asked for last.
    static std::time_t known_second = -1;
    static char known[sizeof text_];
    static std::size_t known_size = 0;
    const std::time_t second = milliseconds / 1000;
    if (second != known_second) {
        std::tm parts{};
        gmtime_r(&second, &parts);
        known_size = std::strftime(known, sizeof known - 5, "%Y-%m-%dT%H:%M:%S", &parts);
        known_second = second;
    }
    const auto rest = static_cast<int>(milliseconds % 1000);
    std::memcpy(text_, known, sizeof known);
    char* end = text_ + known_size;
    *end++ = '.';
    *end++ = static_cast<char>('0' + rest / 100);
    *end++ = static_cast<char>('0' + rest / 10 % 10);
    *end++ = static_cast<char>('0' + rest % 10);
    *end++ = 'Z';
    size_ = known_size + 5;
}

} // namespace mogiri::module
