// Takes calls from Redis, carries them out and answers them while nginx's request waits.
#include "call_desk.hpp"

#include <crash_point.hpp>

#include "../back_off.hpp"
#include "../cache/door_hold.hpp"
#include "../cache/publish_command.hpp"
#include "../cache/rebuild.hpp"
#include "../journal.hpp"
#include "../mail/mail_stream.hpp"
#include "../people/accounts.hpp"

namespace mogiri::daemon {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

std::string consumer_name(const Configuration& configuration, const StreamOfJobs& jobs, int number) {
    return configuration.road.consumer + "/" + std::string(jobs.group) + std::to_string(number);
}

} // namespace

CallDesk::CallDesk(PostOffice& office, const StreamOfJobs& jobs, int number, Pulse& pulse)
    : office_(office), jobs_(jobs), pulse_(pulse), redis_(office.configuration().redis),
      database_(office.configuration().database, "mogirid calls"),
      stream_(redis_, jobs, consumer_name(office.configuration(), jobs, number), 1), ledger_(database_),
      cache_(database_), records_(database_), pictures_(office, database_),
      applications_(database_, office.keys().signing_key()), tools_{office, database_, redis_,
                                                                    book_,  pictures_, applications_} {}

void CallDesk::serve(const std::stop_token& stop) {
    auto next_look = Clock::now(), next_tidying = next_look;
    while (!stop.stop_requested()) {
        pulse_.beat();
        std::vector<ClaimedJob> claimed;
        if (Clock::now() >= next_look) {
            book_.refresh(database_);
            stream_.follow(book_.numbers());
            claimed = stream_.claim_abandoned();
            next_look = Clock::now() + 1s;
        }
        if (Clock::now() >= next_tidying) {
            ledger_.tidy();
            next_tidying = Clock::now() + 1h;
        }
        if (claimed.empty())
            claimed = stream_.claim_own();
        if (claimed.empty() && stream_.has_events())
            claimed = stream_.claim_new(500ms);
        else if (!stream_.has_events())
            pause(stop, 200ms);
        for (const ClaimedJob& one : claimed)
            attend(one, stop);
    }
}

void CallDesk::attend(const ClaimedJob& claimed, const std::stop_token& stop) {
    MOGIRI_CRASH_POINT("calls.claimed");
    Call call;
    try {
        call = decode_call(claimed.payload);
        if (call.event != claimed.event)
            throw std::invalid_argument("the call is of another event than its stream");
    } catch (const std::invalid_argument& unreadable) {
        return discard(claimed, unreadable.what());
    }
    book_.refresh(database_);
    const Verb* verb = find_verb(call.verb);
    if (verb && verb->writes)
        return write(claimed, call, *verb);
    if (!in_time(call))
        return drop(claimed, call);
    const CallResult result = verb ? perform(call, *verb) : refusal(501, "not_implemented");
    answer(claimed, call, result.status, result.body, passing_call_life_s);
    if (result.afterwards)
        result.afterwards(pulse_, stop);
}

// What the ledger has noted was begun in time, however late it is now: it is answered. Anything else is begun
// in time or not at all.
void CallDesk::write(const ClaimedJob& claimed, const Call& call, const Verb& verb) {
    CallResult result;
    std::optional<DoneCall> done;
    bool late = false;
    const std::vector<std::uint64_t> held = hold(call, verb);
    {
        Transaction transaction(database_);
        ledger_.lock(call);
        act_as(database_, call.actor, call.origin, call.verb);
        done = ledger_.find(call);
        late = !done && !in_time(call);
        if (!done && !late)
            result = perform(call, verb);
        if (!done && !late && result.status < 400) {
            done = DoneCall{call.body_hash, result.status, result.body, result.serials};
            ledger_.note(call, *done);
            MOGIRI_CRASH_POINT("calls.written");
            transaction.commit();
        }
    }
    if (!done)
        give_up(call, held);
    if (late)
        return drop(claimed, call);
    if (!done)
        return answer(claimed, call, result.status, result.body, passing_call_life_s);
    MOGIRI_CRASH_POINT("calls.committed");
    if (done->body_hash != call.body_hash) {
        const CallResult reused = refusal(409, "key_reused");
        return answer(claimed, call, reused.status, reused.body, passing_call_life_s);
    }
    tell_door(call, done->serials);
    if (result.settings)
        publish_settings(redis_, database_, *result.settings);
    if (result.mail)
        offer_mails(redis_, call.event, {*result.mail});
    answer(claimed, call, done->status, done->body, written_call_life_s);
    MOGIRI_CRASH_POINT("calls.answered");
}

// Nothing for a call that is not to be carried out, or that has no tickets.
std::vector<std::uint64_t> CallDesk::hold(const Call& call, const Verb& verb) {
    if (!verb.to_hold || ledger_.find(call) || !in_time(call))
        return {};
    std::vector<std::uint64_t> serials;
    try {
        const Json arguments = parse_json(call.arguments);
        serials = verb.to_hold(tools_, call, arguments.get());
    } catch (const std::invalid_argument&) {
        return {}; // carrying it out will say so
    }
    if (!serials.empty())
        DoorHold(database_, redis_).take(call.event, serials);
    return serials;
}

void CallDesk::give_up(const Call& call, const std::vector<std::uint64_t>& held) {
    if (!held.empty())
        DoorHold(database_, redis_).give_up(call.event, held);
}

// A call whose data is refused is answered and not tried again: who asked is still there to hear it.
CallResult CallDesk::perform(const Call& call, const Verb& verb) {
    try {
        const Json arguments = parse_json(call.arguments);
        return verb.perform(tools_, call, arguments.get());
    } catch (const std::invalid_argument& wrong) {
        journal::error("call " + call.id + ", " + call.verb + ": " + wrong.what());
    } catch (const MailNotReady& missing) {
        journal::error("call " + call.id + ", " + call.verb + ": " + missing.what());
    } catch (const RefusedStatement& refused) {
        if (!refused.blames_data())
            throw;
        journal::error("call " + call.id + ", " + call.verb + ": refused, " + refused.sqlstate());
    }
    return refusal(500, "failed");
}

// By Redis's clock, which nginx's deadline was checked by, too.
bool CallDesk::in_time(const Call& call) {
    const Reply time = redis_.command({"TIME"});
    return std::stoll(time[0].string()) * 1000 + std::stoll(time[1].string()) / 1000 <= call.deadline_ms;
}

// Returns when Redis has confirmed the tickets' changes, or the door is closed.
void CallDesk::tell_door(const Call& call, const std::vector<std::uint64_t>& serials) {
    if (serials.empty())
        return;
    std::vector<std::int64_t> rows;
    for (Row row : database_.query("SELECT id FROM cache_outbox WHERE event = $1 AND "
                                   "(serial = ANY ($2::bigint[]) OR serials <@ $2::bigint[]) ORDER BY id",
                                   {call.event, serials}))
        rows.push_back(row.number(0));
    if (rows.empty())
        return;
    PublishCommand command(call.event, PublishMode::merge);
    for (const LedgerTicket& ticket : records_.of(call.event, serials))
        command.add(ticket.serial, ticket.record);
    const Reply reply = redis_.command(command.words(redis_.run_id()));
    if (const std::uint64_t batch = PublishCommand::batch_of(reply); batch != 0)
        cache_.confirm(rows, {{call.event, batch}});
}

void CallDesk::answer(const ClaimedJob& claimed, const Call& call, int status, const std::string& body,
                      std::string_view life_s) {
    redis_.command({"FCALL", "mogiri_answer", "2", jobs_.key(call.event),
                    redis_keys::call(call.event, call.id), jobs_.group, life_s, claimed.stream_id,
                    call.body_hash, encode(CallAnswer{call.id, status, body}), call.reply, call.id});
}

void CallDesk::drop(const ClaimedJob& claimed, const Call& call) {
    redis_.command({"FCALL", "mogiri_drop_call", "2", redis_keys::call(call.event, call.id),
                    jobs_.key(call.event), jobs_.group, claimed.stream_id, pending_call(call)});
    journal::warn("call " + call.id + ", " + call.verb + ": not begun, it came too late");
}

void CallDesk::discard(const ClaimedJob& claimed, const std::string& why) {
    const std::string stream = jobs_.key(claimed.event);
    redis_.command({"XACK", stream, jobs_.group, claimed.stream_id});
    redis_.command({"XDEL", stream, claimed.stream_id});
    journal::error(name_of(claimed) + ": a call that cannot be read: " + why);
}

} // namespace mogiri::daemon
