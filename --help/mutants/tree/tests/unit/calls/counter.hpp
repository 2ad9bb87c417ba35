// The sample event with an issued application, and a desk that takes its calls: for the tests of this folder.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <calls/call_desk.hpp>
#include <redis_keys.hpp>

#include "../daemon/festival.hpp"
#include "../daemon/servers.hpp"
#include "../render/scratch.hpp"
#include "cache/keeper.hpp"
#include "ledger/application_ledger.hpp"

namespace mogiri::daemon {

class AtTheCounter : public testing::Test {
  protected:
    AtTheCounter() {
        store_sample_event(database);
        StatusLine status;
        Keeper(configuration, pulse, status).look();
        ApplicationLedger(database, 1).settle(std::vector{mogiri::daemon::application(1, 12, 2)});
    }

    Configuration configured() {
        Configuration fresh = Servers::running().fresh();
        fresh.templates = MOGIRI_SOURCE_DIR "/templates";
        fresh.server_url = "https://tickets.example.jp";
        fresh.road.consumer = "unit";
        fresh.mail.plugins = MOGIRI_PLUGINS;
        fresh.mail.options = {{"directory", (scratch.path() / "spool").string()}};
        fresh.mail.from = "tickets@example.jp";
        return fresh;
    }

    Call call(const std::string& verb, const std::string& arguments = "{}", std::int64_t in_ms = 60'000) {
        Call call{random_call_id(), 1, verb, "application:" + application_id(1), arguments, "", 0, ""};
        call.body_hash = call_body_hash(verb, call.actor, arguments);
        const Reply time = redis.command({"TIME"});
        call.deadline_ms = std::stoll(time[0].string()) * 1000 + in_ms;
        return call;
    }

    // As mogiri_call leaves it.
    void put(const Call& call) {
        redis.command({"XADD", redis_keys::calls(1), "*", "call", encode(call)});
        redis.command({"SET", redis_keys::call(1, call.id), pending_call(call)});
    }

    std::optional<CallAnswer> stored(const Call& call) {
        const Reply reply = redis.command({"GET", redis_keys::call(1, call.id)});
        return reply.is_nil() ? std::nullopt : stored_call_answer(reply.text());
    }

    // Whatever is in the stream is taken, also what another desk has and has not answered.
    void attend(CallDesk& desk) {
        const Reply entries = redis.command({"XRANGE", redis_keys::calls(1), "-", "+"});
        for (std::size_t i = 0; i < entries.size(); ++i)
            desk.attend(job_of(1, entries[i], calls.field));
    }

    CallAnswer answer_to(const Call& call) {
        put(call);
        CallDesk desk(office, calls, 1, pulse);
        attend(desk);
        const auto answer = stored(call);
        EXPECT_EQ(redis.command({"XLEN", redis_keys::calls(1)}).integer(), 0);
        return answer.value();
    }

    std::int64_t count(const char* sql) { return database.query(sql)[0].number(0); }

    Scratch scratch;
    Configuration configuration = configured();
    Database database{configuration.database, "test"};
    Redis redis{configuration.redis};
    PostOffice office{configuration, MasterKeys::parse("1 " + std::string(64, 'a') + "\n"),
                      LeaseName("unit")};
    Pulse pulse;
};

} // namespace mogiri::daemon
