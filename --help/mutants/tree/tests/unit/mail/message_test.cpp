// Composed mails, read back by GMime and by eye for what goes over the wire.
#include <mail/message.hpp>

#include <gmime/gmime.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../../daemon/owned.hpp"

namespace mogiri::daemon {
namespace {

Message sample() {
    Message message;
    message.from_name = "第30回 音楽祭 実行委員会";
    message.from = "tickets@example.jp";
    message.to = "a..b.@docomo.ne.jp";
    message.reply_to = "contact@example.jp";
    message.message_id = "<mogiri.1@example.jp>";
    message.language = "ja";
    message.subject = "【第30回 音楽祭】入場券をお送りします（とても長い件名でも途中で壊れません）";
    message.text = "一行目\n.\nFrom 二行目\n";
    message.html = "<p>" + std::string(3000, 'x') + "</p>";
    message.attachments = {{"山田 花子.png", std::string("\x89PNG\r\n\0\n", 9)},
                           {"O'Brien \"B\".png", "png"}};
    return message;
}

struct Read {
    Owned<GMimeMessage, g_object_unref> message;
    std::vector<std::pair<std::string, std::string>> parts; // file name (or type), content
};

Read read_back(const std::string& bytes) {
    g_mime_init();
    const Owned<GMimeStream, g_object_unref> stream(
        g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
    const Owned<GMimeParser, g_object_unref> parser(g_mime_parser_new_with_stream(stream.get()));
    Read read;
    read.message.reset(g_mime_parser_construct_message(parser.get(), nullptr));
    g_mime_message_foreach(
        read.message.get(),
        [](GMimeObject*, GMimeObject* part, gpointer list) {
            if (!GMIME_IS_PART(part))
                return;
            const char* name = g_mime_part_get_filename(GMIME_PART(part));
            const Owned<char, g_free> type(
                g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part)));
            const Owned<GMimeStream, g_object_unref> content(g_mime_stream_mem_new());
            g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), content.get());
            const GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(content.get()));
            EXPECT_EQ(g_mime_part_get_content_encoding(GMIME_PART(part)), GMIME_CONTENT_ENCODING_BASE64);
            static_cast<decltype(Read::parts)*>(list)->emplace_back(
                name ? name : type.get(),
                std::string(reinterpret_cast<const char*>(array->data), array->len));
        },
        &read.parts);
    return read;
}

TEST(Message, ReadsBackWhole) {
    const Message message = sample();
    const Read read = read_back(compose(message));
    EXPECT_EQ(g_mime_message_get_subject(read.message.get()), message.subject);
    EXPECT_STREQ(g_mime_message_get_message_id(read.message.get()), "mogiri.1@example.jp");
    InternetAddress* from = internet_address_list_get_address(g_mime_message_get_from(read.message.get()), 0);
    EXPECT_EQ(internet_address_get_name(from), message.from_name);
    InternetAddress* to = internet_address_list_get_address(g_mime_message_get_to(read.message.get()), 0);
    EXPECT_STREQ(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(to)), "\"a..b.\"@docomo.ne.jp");
    ASSERT_EQ(read.parts.size(), 4u);
    EXPECT_EQ(read.parts[0],
              std::pair(std::string("text/plain"), std::string("一行目\r\n.\r\nFrom 二行目\r\n")));
    EXPECT_EQ(read.parts[1].second, message.html);
    EXPECT_EQ(read.parts[2], std::pair(message.attachments[0].file_name, message.attachments[0].png));
    EXPECT_EQ(read.parts[3], std::pair(message.attachments[1].file_name, message.attachments[1].png));
}

TEST(Message, HasShortAsciiLinesEndedByCrLf) {
    const std::string bytes = compose(sample());
    std::size_t line = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        EXPECT_LT(static_cast<unsigned char>(bytes[i]), 0x80);
        if (bytes[i] == '\n') {
            EXPECT_EQ(bytes[i - 1], '\r') << i;
            EXPECT_LE(i - line, 77u) << bytes.substr(line, i - line);
            line = i + 1;
        }
    }
    EXPECT_TRUE(bytes.ends_with("\r\n"));
}

TEST(Message, InjectsNothing) {
    Message message = sample();
    message.subject = message.from_name = "x\r\nBcc: evil@example.jp\r\n\r\nbody";
    message.attachments[0].file_name = "a\r\nContent-Type: text/html\".png";
    const Read read = read_back(compose(message));
    EXPECT_EQ(g_mime_message_get_bcc(read.message.get()) &&
                  internet_address_list_length(g_mime_message_get_bcc(read.message.get())) > 0,
              false);
    EXPECT_EQ(read.parts.size(), 4u);
}

TEST(Message, RefusesAddressesThatCouldEndTheirCommand) {
    for (const char* address :
         {"", "a", "a@b", "a b@c.jp", "a@b.jp\r\nRCPT TO:<x@y.jp>", "<a@b.jp>", "a@b.jp>", "祭@b.jp"}) {
        Message message = sample();
        message.to = address;
        EXPECT_THROW(compose(message), UnsendableMail) << address;
        message = sample();
        message.from = address;
        EXPECT_THROW(compose(message), UnsendableMail) << address;
    }
    Message message = sample();
    message.message_id = "<a\r\nb@c>";
    EXPECT_THROW(compose(message), UnsendableMail);
}

} // namespace
} // namespace mogiri::daemon
