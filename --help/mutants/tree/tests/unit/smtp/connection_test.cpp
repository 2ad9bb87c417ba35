// The connection against a server that answers as it is told.
#include <connection.hpp>

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_server.hpp"

namespace mogiri::smtp {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* mail = "Subject: ticket\r\n\r\n.dots\r\n..stay\r\n";

Settings plain(int port) {
    Settings settings;
    settings.host = "127.0.0.1";
    settings.port = port;
    settings.security = Security::none;
    settings.user = "mogiri@example.jp";
    settings.password = "open sesame";
    settings.hello = "tickets.example.jp";
    settings.connect_timeout = settings.answer_timeout = settings.final_timeout = 20s;
    return settings;
}

mogiri_result send(Connection& connection, const std::string& message = mail,
                   const char* recipient = "a..b.@docomo.ne.jp", const char* sender = "tickets@example.jp") {
    mogiri_result result{};
    connection.deliver({sender, recipient, "<1@example.jp>"}, message, result);
    return result;
}

TEST(SmtpConnection, HandsOverEnvelopeAndMessageAsGiven) {
    ScriptedServer server;
    Connection connection(plain(server.port()));
    const mogiri_result result = send(connection);
    EXPECT_EQ(result.outcome, MOGIRI_ACCEPTED);
    EXPECT_EQ(result.code, 250);
    EXPECT_STREQ(result.text, "2.0.0 queued");
    EXPECT_THAT(server.messages(), ElementsAre(mail));
    EXPECT_THAT(server.commands(),
                ElementsAre("EHLO tickets.example.jp", "AUTH PLAIN AG1vZ2lyaUBleGFtcGxlLmpwAG9wZW4gc2VzYW1l",
                            "MAIL FROM:<tickets@example.jp> SIZE=34", "RCPT TO:<a..b.@docomo.ne.jp>",
                            "DATA"));
}

struct Trouble {
    const char *moment, *answer;
    mogiri_outcome outcome;
    int code;
    const char* text;
};

TEST(SmtpConnection, EveryTroubleHasItsOutcome) {
    for (const Trouble& trouble : {
             Trouble{"CONNECT", ScriptedServer::drop, MOGIRI_STOPPED, 0, "is it running"},
             Trouble{"CONNECT", "421 busy", MOGIRI_TRANSIENT, 421, "the greeting was answered by 421 busy"},
             Trouble{"CONNECT", "554 go away", MOGIRI_STOPPED, 554, "turns this machine away"},
             Trouble{"AUTH", "535 5.7.8 no", MOGIRI_STOPPED, 535,
                     "535 5.7.8 no; correct user or the password"},
             Trouble{"AUTH", ScriptedServer::drop, MOGIRI_TRANSIENT, 250, "lost at the login"},
             Trouble{"MAIL", "550 who?", MOGIRI_STOPPED, 550, "550 who?; it must let this user send"},
             Trouble{"MAIL", "530 5.7.0 log in", MOGIRI_STOPPED, 530, "set user and password_file"},
             Trouble{"MAIL", "452 full", MOGIRI_TRANSIENT, 452, "the sender was answered by 452 full"},
             Trouble{"MAIL", "552 too large", MOGIRI_PERMANENT, 552, "552 too large"},
             Trouble{"MAIL", ScriptedServer::drop, MOGIRI_TRANSIENT, 235, "lost at the sender"},
             Trouble{"RCPT", "550-5.1.1 <a@b.jp>:\r\n550 5.1.1 gone", MOGIRI_PERMANENT, 550,
                     "the recipient was answered by 550 5.1.1 (address) 5.1.1 gone"},
             Trouble{"RCPT", "450 grey", MOGIRI_TRANSIENT, 450, "450 grey"},
             Trouble{"RCPT", ScriptedServer::drop, MOGIRI_TRANSIENT, 250, "lost at the recipient"},
             Trouble{"DATA", "554 no", MOGIRI_PERMANENT, 554, "554 no"},
             Trouble{"DATA", ScriptedServer::drop, MOGIRI_TRANSIENT, 250, "lost at DATA"},
             Trouble{"END", "451 later", MOGIRI_TRANSIENT, 451, "the message was answered by 451 later"},
             Trouble{"END", "554 \x8a\xbf\x8e\x9a", MOGIRI_PERMANENT, 554, "554 ????"},
             Trouble{"END", ScriptedServer::drop, MOGIRI_UNKNOWN, 354, "the server may have it"},
         }) {
        ScriptedServer server;
        Connection connection(plain(server.port()));
        server.answer(trouble.moment, trouble.answer);
        const mogiri_result result = send(connection);
        EXPECT_EQ(result.outcome, trouble.outcome) << trouble.moment << ": " << trouble.answer;
        EXPECT_EQ(result.code, trouble.code) << trouble.moment << ": " << trouble.answer;
        EXPECT_THAT(result.text,
                    AllOf(HasSubstr(trouble.text), Not(HasSubstr("sesame")), Not(HasSubstr("@"))));
        EXPECT_EQ(send(connection).outcome, MOGIRI_ACCEPTED) << "after " << trouble.moment;
    }
}

TEST(SmtpConnection, WaitsNoLongerThanItsTimeouts) {
    ScriptedServer server;
    Settings settings = plain(server.port());
    settings.connect_timeout = settings.answer_timeout = settings.final_timeout = 1s;
    Connection connection(settings);
    server.answer("CONNECT", ScriptedServer::silence);
    EXPECT_EQ(send(connection).outcome, MOGIRI_STOPPED);
    server.answer("RCPT", ScriptedServer::silence);
    EXPECT_EQ(send(connection).outcome, MOGIRI_TRANSIENT);
    server.answer("END", ScriptedServer::silence);
    const mogiri_result result = send(connection);
    EXPECT_EQ(result.outcome, MOGIRI_UNKNOWN);
    EXPECT_EQ(result.code, 354);
    EXPECT_THAT(result.text, HasSubstr("no answer to the message came in time, after all of it was sent"));
}

TEST(SmtpConnection, NoServerStopsTheTransport) {
    int port;
    {
        const ScriptedServer gone;
        port = gone.port();
    }
    Connection connection(plain(port));
    const mogiri_result result = send(connection);
    EXPECT_EQ(result.outcome, MOGIRI_STOPPED);
    EXPECT_THAT(result.text, HasSubstr("127.0.0.1:" + std::to_string(port)));
}

TEST(SmtpConnection, AMessageThatDidNotLeaveWholeWasNotTaken) {
    ScriptedServer server;
    Connection connection(plain(server.port()));
    server.answer("BODY", ScriptedServer::drop);
    std::string message;
    while (message.size() < 32u << 20)
        message += std::string(76, 'x') + "\r\n";
    const mogiri_result result = send(connection, message);
    EXPECT_EQ(result.outcome, MOGIRI_TRANSIENT);
    EXPECT_EQ(result.code, 354);
}

TEST(SmtpConnection, IsKeptForAHundredMails) {
    ScriptedServer server;
    Connection connection(plain(server.port()));
    for (int i = 0; i < 205; ++i)
        ASSERT_EQ(send(connection).outcome, MOGIRI_ACCEPTED);
    EXPECT_EQ(server.connections(), 3);
    EXPECT_EQ(server.messages().size(), 205u);
}

TEST(SmtpConnection, AKeptConnectionThatDiedCostsNoAttempt) {
    for (const char* end : {ScriptedServer::drop, "421 closing"}) {
        ScriptedServer server;
        Connection connection(plain(server.port()));
        EXPECT_EQ(send(connection).outcome, MOGIRI_ACCEPTED);
        server.answer("MAIL", end);
        EXPECT_EQ(send(connection).outcome, MOGIRI_ACCEPTED);
        EXPECT_EQ(server.connections(), 2);
        EXPECT_EQ(server.messages().size(), 2u);
    }
}

TEST(SmtpConnection, AddressesBringNoCommands) {
    ScriptedServer server;
    Connection connection(plain(server.port()));
    for (const char* address : {"a@b.jp>\r\nRCPT TO:<c@d.jp", "a@b.jp\nDATA", "a@b.jp>", "<a@b.jp",
                                "a b@c.jp", "a@b.jp\x7f", "\xe5\xb1\xb1@b.jp", "nobody", ""}) {
        EXPECT_EQ(send(connection, mail, address).outcome, MOGIRI_PERMANENT) << address;
        EXPECT_EQ(send(connection, mail, "a@b.jp", address).outcome, MOGIRI_STOPPED) << address;
    }
    EXPECT_EQ(server.connections(), 0);
}

TEST(SmtpConnection, SaysNothingInTheClearWhereTlsIsWanted) {
    ScriptedServer server;
    Settings settings = plain(server.port());
    settings.security = Security::starttls;
    Connection connection(settings);
    const mogiri_result result = send(connection);
    EXPECT_EQ(result.outcome, MOGIRI_STOPPED);
    EXPECT_THAT(result.text, HasSubstr("STARTTLS"));
    EXPECT_THAT(server.commands(), Not(Contains(HasSubstr("AUTH"))));
    EXPECT_THAT(server.messages(), IsEmpty());

    settings.security = Security::tls;
    Connection other(settings);
    EXPECT_EQ(send(other).outcome, MOGIRI_STOPPED);
}

TEST(SmtpConnection, ProbeTellsWhatIsWrong) {
    ScriptedServer server;
    Connection connection(plain(server.port()));
    std::string text;
    EXPECT_TRUE(connection.probe(text));
    EXPECT_THAT(text, HasSubstr("takes the login"));
    server.answer("AUTH", "535 no");
    EXPECT_FALSE(connection.probe(text));
    EXPECT_THAT(text, HasSubstr("correct user or the password in password_file"));
    server.answer("EHLO", "250 here");
    EXPECT_FALSE(connection.probe(text));
    EXPECT_THAT(text, HasSubstr("offers no login"));
    server.answer("CONNECT", "421 busy");
    EXPECT_FALSE(connection.probe(text));
    EXPECT_THAT(text, HasSubstr("421 busy"));
    EXPECT_THAT(server.messages(), IsEmpty());
}

TEST(SmtpConnection, DoesNotWaitForAFarewell) {
    ScriptedServer server;
    const auto start = std::chrono::steady_clock::now();
    {
        Connection connection(plain(server.port()));
        EXPECT_EQ(send(connection).outcome, MOGIRI_ACCEPTED);
        server.answer("QUIT", ScriptedServer::silence);
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
    Connection connection(plain(server.port()));
    server.answer("RCPT", "550 no");
    server.answer("QUIT", ScriptedServer::silence);
    EXPECT_EQ(send(connection).outcome, MOGIRI_PERMANENT);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 15s);
}

} // namespace
} // namespace mogiri::smtp
