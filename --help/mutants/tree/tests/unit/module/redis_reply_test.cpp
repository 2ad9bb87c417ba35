// Replies as hiredis parses them, seen through RedisReply.
#include "module/redis/reply.hpp"

#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <memory>
#include <string_view>

namespace mogiri::module {
namespace {

class Parsed {
  public:
    explicit Parsed(std::string_view wire) : reader_(redisReaderCreate(), redisReaderFree) {
        redisReaderFeed(reader_.get(), wire.data(), wire.size());
        void* reply = nullptr;
        EXPECT_EQ(redisReaderGetReply(reader_.get(), &reply), REDIS_OK);
        reply_.reset(static_cast<redisReply*>(reply));
    }
    RedisReply view() const { return RedisReply(reply_.get()); }

  private:
    struct Free {
        void operator()(redisReply* reply) const { freeReplyObject(reply); }
    };
    std::unique_ptr<redisReader, void (*)(redisReader*)> reader_;
    std::unique_ptr<redisReply, Free> reply_;
};

TEST(RedisReply, TellsErrorsByTheirFirstWord) {
    const Parsed parsed("-NOTREADY the cache is not built\r\n");
    EXPECT_TRUE(parsed.view().is_error());
    EXPECT_TRUE(parsed.view().is_error("NOTREADY"));
    EXPECT_FALSE(parsed.view().is_error("NOT"));
    EXPECT_FALSE(parsed.view().is_error("SETTINGS"));
    EXPECT_FALSE(parsed.view().is_text());
}

TEST(RedisReply, ReadsArraysAndWhatIsOutOfReach) {
    const Parsed binary(std::string_view("*3\r\n:7\r\n$3\r\na\0b\r\n$-1\r\n", 24));
    ASSERT_EQ(binary.view().size(), 3u);
    EXPECT_EQ(binary.view()[0].integer(), 7);
    EXPECT_EQ(binary.view()[1].text(), std::string_view("a\0b", 3));
    EXPECT_TRUE(binary.view()[2].is_nil());
    EXPECT_TRUE(binary.view()[3].is_nil());
    EXPECT_EQ(binary.view().text(), "");
}

TEST(RedisReply, KnowsThatItWasLost) {
    const RedisReply lost(nullptr);
    EXPECT_TRUE(lost.lost());
    EXPECT_FALSE(lost.is_error());
    EXPECT_FALSE(lost.is_nil());
    EXPECT_EQ(lost.size(), 0u);
    EXPECT_EQ(lost.text(), "");
}

} // namespace
} // namespace mogiri::module
