// When the alert about Redis's memory is raised and cleared.
#include <gtest/gtest.h>

#include "cache/memory_watch.hpp"
#include "servers.hpp"

namespace mogiri::daemon {

namespace {

class Memory : public ::testing::Test {
  protected:
    ~Memory() override { redis_.command({"CONFIG", "SET", "maxmemory", "0"}); }

    void look_at(int percent) {
        const std::int64_t most = memory_of(redis_).used * 100 / percent;
        redis_.command({"CONFIG", "SET", "maxmemory", std::to_string(most)});
        EXPECT_NEAR(watch_.look().percent(), percent, 2);
    }
    std::int64_t alerts(const std::string& which = "cleared_at IS NULL") {
        return database_
            .query(("SELECT count(*) FROM alert WHERE kind = 'redis_memory' AND " + which).c_str())[0]
            .number(0);
    }

    Configuration configuration_ = Servers::running().fresh();
    Database database_{configuration_.database, "unit"};
    Redis redis_{configuration_.redis};
    MemoryWatch watch_{redis_, database_};
};

TEST_F(Memory, IsAnAlertFromOneHalfUntilTwoFifths) {
    look_at(46);
    EXPECT_EQ(alerts(), 0);
    look_at(54);
    look_at(60);
    EXPECT_EQ(alerts(), 1);
    look_at(44);
    EXPECT_EQ(alerts(), 1);
    look_at(36);
    EXPECT_EQ(alerts(), 0);
    look_at(54);
    EXPECT_EQ(alerts(), 1);
    EXPECT_EQ(alerts("cleared_at IS NOT NULL"), 1);
}

TEST_F(Memory, ANewLifeClearsTheAlertOfTheFormerOne) {
    look_at(54);
    MemoryWatch(redis_, database_).look();
    EXPECT_EQ(alerts(), 1);
    redis_.command({"CONFIG", "SET", "maxmemory", "4gb"});
    MemoryWatch(redis_, database_).look();
    EXPECT_EQ(alerts(), 0);
}

TEST_F(Memory, WithoutALimitIsNeverFull) {
    EXPECT_EQ(watch_.look().percent(), 0);
    EXPECT_EQ(alerts(), 0);
}

} // namespace

} // namespace mogiri::daemon
