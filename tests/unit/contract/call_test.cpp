// Calls and their answers survive the way there and back; what is none is refused.
#include <gtest/gtest.h>

#include "call.hpp"

namespace mogiri {
namespace {

Call some_call() {
    return {random_call_id(),
            7,
            "ticket.rename",
            "application:A",
            R"({"name":"山田 \"桜\""})",
            std::string(32, 'a'),
            1781913604000,
            "answers:1"};
}

TEST(Call, comes_back_as_it_went) {
    const Call sent = some_call();
    const Call read = decode_call(encode(sent));
    EXPECT_EQ(encode(read), encode(sent));
    EXPECT_EQ(read.arguments, sent.arguments);
    EXPECT_EQ(read.deadline_ms, sent.deadline_ms);
    for (const char* broken : {"", "[]", "{}", R"({"id":"x"})"})
        EXPECT_THROW(decode_call(broken), std::invalid_argument) << broken;
    Call nameless = sent;
    nameless.id.clear();
    EXPECT_THROW(decode_call(encode(nameless)), std::invalid_argument);
}

TEST(Call, is_told_from_others_by_its_hash_and_its_id) {
    const MasterKeys keys = MasterKeys::parse("1 " + std::string(64, 'a') + "\n");
    EXPECT_EQ(call_id(keys, 1, "application:A", "k"), call_id(keys, 1, "application:A", "k"));
    EXPECT_NE(call_id(keys, 1, "application:A", "k"), call_id(keys, 1, "application:B", "k"));
    EXPECT_NE(call_id(keys, 1, "application:A", "k"), call_id(keys, 2, "application:A", "k"));
    EXPECT_NE(random_call_id(), random_call_id());
    EXPECT_NE(call_body_hash("a", "b", "{}"), call_body_hash("b", "a", "{}"));
    EXPECT_EQ(call_body_hash("a", "b", R"({"x":1,"y":2})"), call_body_hash("a", "b", R"({"y": 2, "x": 1})"));
}

TEST(Call, has_no_answer_while_its_deadline_stands_there) {
    const Call call = some_call();
    EXPECT_FALSE(stored_call_answer(pending_call(call)));
    const CallAnswer answer{call.id, 409, R"({"code":"used"})"};
    const auto stored = stored_call_answer(call.body_hash + encode(answer));
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->status, 409);
    EXPECT_EQ(stored->body, answer.body);
    EXPECT_THROW(stored_call_answer("short"), std::invalid_argument);
}

TEST(Call, reads_chunks) {
    const std::string text = encode(Chunk{12345678, ChunkKind::end, {}});
    EXPECT_EQ(text, "12345678E");
    const auto chunk = decode_chunk("00000042Dabc");
    ASSERT_TRUE(chunk);
    EXPECT_EQ(chunk->number, 42u);
    EXPECT_EQ(chunk->bytes, "abc");
    for (const char* broken : {"", "0000004D", "0000004xDabc", "00000042Xabc", "-0000042Dabc"})
        EXPECT_FALSE(decode_chunk(broken)) << broken;
}

TEST(Call, names_where_a_big_answer_lies) {
    const auto big = big_answer(encode(BigAnswer{"{1}:big:x", 5, "image/png"}));
    ASSERT_TRUE(big);
    EXPECT_EQ(big->key, "{1}:big:x");
    EXPECT_EQ(big->size, 5);
    EXPECT_FALSE(big_answer(R"({"application":"A"})"));
}

} // namespace
} // namespace mogiri
