// The reader of flat replies beside hiredis's: the same values, and only what is whole.
#include "module/redis/flat_reply.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "module/redis/reply.hpp"

namespace mogiri::module {
namespace {

using OwnedReply = std::unique_ptr<redisReply, void (*)(void*)>;

// Null for what hiredis does not take, or not yet.
OwnedReply by_hiredis(std::string_view wire) {
    const std::unique_ptr<redisReader, void (*)(redisReader*)> reader(redisReaderCreate(), redisReaderFree);
    redisReaderFeed(reader.get(), wire.data(), wire.size());
    void* reply = nullptr;
    if (redisReaderGetReply(reader.get(), &reply) != REDIS_OK) {
        reply = nullptr;
    }
    return {static_cast<redisReply*>(reply), freeReplyObject};
}

void expect_same(const RedisReply& ours, const RedisReply& theirs) {
    ASSERT_EQ(ours.size(), theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        EXPECT_EQ(ours[i].is_integer(), theirs[i].is_integer());
        EXPECT_EQ(ours[i].integer(), theirs[i].integer());
        EXPECT_EQ(ours[i].text(), theirs[i].text());
    }
}

const std::string batch = "*4\r\n:7\r\n:-1781913600045\r\n$12\r\nwith\r\nbreaks\r\n$0\r\n\r\n";

TEST(FlatReply, ReadsABatchAsHiredisDoes) {
    const std::string wire = batch + "*1\r\n:1\r\n";
    std::string_view rest = wire;
    FlatReply flat;
    const redisReply* reply = flat.take(rest);
    ASSERT_NE(reply, nullptr);
    EXPECT_EQ(rest, "*1\r\n:1\r\n");
    expect_same(RedisReply(reply), RedisReply(by_hiredis(batch).get()));
    EXPECT_EQ(RedisReply(reply)[2].text(), "with\r\nbreaks");
    EXPECT_TRUE(RedisReply(reply)[4].is_nil()); // out of reach

    reply = flat.take(rest);
    ASSERT_NE(reply, nullptr);
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(RedisReply(reply).size(), 1U);
    EXPECT_EQ(flat.take(rest), nullptr);
}

TEST(FlatReply, TakesNothingOfAReplyThatIsNotWhole) {
    for (std::size_t size = 0; size < batch.size(); ++size) {
        const std::string part = batch.substr(0, size); // so that a sanitizer sees what is read beyond
        std::string_view rest = part;
        FlatReply flat;
        EXPECT_EQ(flat.take(rest), nullptr) << size;
        EXPECT_EQ(rest.size(), size);
    }
}

TEST(FlatReply, LeavesOtherShapesToHiredis) {
    for (const std::string wire : {"+OK\r\n", ":1\r\n", "$1\r\na\r\n", "-NOTREADY\r\n", "*0\r\n", "*-1\r\n", "*1\r\n$-1\r\n", "*1\r\n+OK\r\n",
                                   "*1\r\n*1\r\n:1\r\n", "*1\r\n-ERR\r\n", "*1\r\n:\r\n", "*1\r\n:01\r\n", "*1\r\n:-0\r\n", "*1\r\n:-01\r\n",
                                   "*1\r\n:99999999999999999999\r\n", "*1\r\n:1 \r\n", "*1\r\n:1\n\r", "*1\r\n$1\r\nab\r\n", "*01\r\n:1\r\n",
                                   "*1\r\n$99999999999\r\na\r\n", "*81\r\n", "*\r\n", "*1", "\r\n"}) {
        std::string_view rest = wire;
        FlatReply flat;
        EXPECT_EQ(flat.take(rest), nullptr) << wire;
        EXPECT_EQ(rest, wire);
    }
}

// Each byte of a good one, bent in every way: never a reply that hiredis would not give.
TEST(FlatReply, TakesNothingThatHiredisRefuses) {
    int taken = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        for (int byte = 0; byte < 256; ++byte) {
            std::string wire = batch;
            wire[i] = static_cast<char>(byte);
            std::string_view rest = wire;
            FlatReply flat;
            if (const redisReply* reply = flat.take(rest)) {
                const OwnedReply theirs = by_hiredis(wire);
                ASSERT_NE(theirs, nullptr) << wire;
                expect_same(RedisReply(reply), RedisReply(theirs.get()));
                ++taken;
            }
        }
    }
    EXPECT_GT(taken, 3000); // the letters of its text, and its numbers
}

} // namespace
} // namespace mogiri::module
