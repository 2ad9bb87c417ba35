// What Redis answers to a batch, read where it lies: nothing that hiredis would not read, and the same values.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "module/redis/flat_reply.hpp"
#include "module/redis/reply.hpp"

namespace {

using mogiri::module::RedisReply;

void expect(bool holds) {
    if (!holds)
        std::abort();
}

void expect_same(const RedisReply& ours, const RedisReply& theirs) {
    expect(ours.is_array() && theirs.is_array() && ours.size() == theirs.size());
    for (std::size_t i = 0; i < ours.size(); ++i) {
        expect(ours[i].is_integer() == theirs[i].is_integer() && ours[i].is_text() == theirs[i].is_text());
        expect(ours[i].integer() == theirs[i].integer() && ours[i].text() == theirs[i].text());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    mogiri::module::FlatReply flat;
    std::string_view rest = input;
    while (const redisReply* ours = flat.take(rest)) {
        const std::string_view taken = input.substr(0, input.size() - rest.size());
        const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader(redisReaderCreate(), redisReaderFree);
        void* reply = nullptr;
        // All replies so far, of which the last one is compared.
        expect(redisReaderFeed(reader.get(), taken.data(), taken.size()) == REDIS_OK);
        std::unique_ptr<redisReply, decltype(&freeReplyObject)> theirs(nullptr, freeReplyObject);
        while (redisReaderGetReply(reader.get(), &reply) == REDIS_OK && reply != nullptr)
            theirs.reset(static_cast<redisReply*>(reply));
        expect(theirs != nullptr);
        expect_same(RedisReply(ours), RedisReply(theirs.get()));
        if (taken.size() > 4096)
            break; // what comes before was compared
    }
    return 0;
}
