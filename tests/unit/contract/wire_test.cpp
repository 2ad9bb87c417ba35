// Encodes every example of WIRE.md byte for byte: a block "```example NAME" holds text, or hex in groups
// after "hex:".
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "apply_job.hpp"
#include "call.hpp"
#include "checkin.hpp"
#include "digest.hpp"
#include "door_bundle.hpp"
#include "form_token.hpp"
#include "function_library.hpp"
#include "old_code.hpp"
#include "ready_mark.hpp"
#include "redis_keys.hpp"
#include "session.hpp"
#include "ticket_code.hpp"
#include "ticket_record.hpp"

namespace mogiri {
namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(std::string(MOGIRI_SOURCE_DIR) + "/" + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::map<std::string, std::string> documented() {
    std::map<std::string, std::string> examples;
    std::istringstream lines(read_file("daemon/contract/WIRE.md"));
    std::string line, name;
    while (std::getline(lines, line)) {
        if (line.starts_with("```example "))
            name = line.substr(11);
        else if (line == "```")
            name.clear();
        else if (!name.empty())
            examples[name] += (examples[name].empty() ? "" : "\n") + line;
    }
    return examples;
}

std::string as_hex(const std::string& bytes) {
    return hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::string without_blanks(const std::string& text) {
    std::string result;
    for (char c : text)
        if (c != ' ' && c != '\n')
            result += c;
    return result;
}

const std::string key_file = "1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

std::map<std::string, std::string> encoded() {
    const MasterKeys keys = MasterKeys::parse(key_file);
    TicketCodes codes(keys);
    const std::map<std::string, std::string> fields{{"classes", "E"},         {"email", "taro@example.jp"},
                                                    {"last_name", "Yamada"},  {"school_grades", "S2"},
                                                    {"student_number", "12"}, {"ticket_quantity", "1"}};
    const std::vector<std::string> guests{"山田 花子"};
    const std::string id = application_id(keys, 1, "3f1c");
    const ApplyJob job{id,
                       1,
                       "student",
                       Language::ja,
                       "S2E12",
                       "taro@example.jp",
                       fields,
                       guests,
                       apply_body_hash("student", fields, guests),
                       "answers:4711-0",
                       1781913600000};
    const TicketRecord record{false,
                              0,
                              1,
                              1,
                              {{1, 1, 1, 1781913600000, 1, 2}},
                              {{2, nonce_digest("n-1"), 1781913600000, 1, 'E', 1, 0, 1}},
                              ticket_reference(42),
                              "山田 花子"};
    Call call{call_id(keys, 1, "application:" + id, "3f1c"),
              1,
              "ticket.rename",
              "application:" + id,
              R"({"name":"山田 桜","ticket":1})",
              "",
              1781913604000,
              "answers:4711-0"};
    call.body_hash = call_body_hash(call.verb, call.actor, call.arguments);
    CheckinColumns columns;
    columns.add(42, CheckinItem{Direction::entry, 1, 2, nonce_digest("n-1"), 1781913600300, 0xffffffff});
    columns.add(43, CheckinItem{Direction::entry, 1, 2, nonce_digest("n-2"), 1781913600301, 0xffffffff});
    const std::string salt = bundle_salt(keys, 1, 1), code = codes.issue(1, 42);
    const std::string called = R"({"application":")" + id + R"(","mail":1})";
    return {
        {"ready", encode(ReadyMark{std::string(40, 'c'), 2, 5, first_batch(2) + 17})},
        {"ticket code", codes.issue(1, 42)},
        {"old code digest",
         old_code_digest("6D1f6d1f6d1f6d1f6d1f6d1f6d1f6d1f6d1f6d1f6d1f6d1f6d1f6d1f6d1f6d1f")},
        {"application id", id},
        {"apply job", encode(job)},
        {"answer", encode(Answer{id, Decision::issued, 1})},
        {"call", encode(call)},
        {"session", session_text({"account:7", "sato", {{"staff"}, {"admin", 1}}}, 3600000, 1781956800000)},
        {"call answer", encode(CallAnswer{call.id, 200, called})},
        {"streamed answer", encode(StreamedAnswer{redis_keys::chunks(1, "IPXDP2E7CFVCBOI74CMDLGS2YI"),
                                                  "text/csv; charset=utf-8", "musicfes-tickets.csv"})},
        {"chunk", encode(Chunk{3, ChunkKind::more, "\"1\",\"8PGKFKVN\""})},
        {"big answer", encode(BigAnswer{redis_keys::big_answer(1, "ticket-42-ja"), 48213, "image/png"})},
        {"ticket record", "hex:" + as_hex(encode(record))},
        {"checkin columns", "hex:" + as_hex(columns.groups + columns.serials + columns.places + columns.deadlines)},
        {"bundle digest", "hex:" + as_hex(salt) + as_hex(code_digest(salt, code))},
        {"sealed name", "hex:" + as_hex(seal_name(salt, code, "山田 花子"))},
        {"logged scan",
         "hex:" + as_hex(encode(LoggedScan{42, 2, 1, Direction::entry, CheckinOutcome::admitted,
                                           1781913600000, 1, 1, 1, 0, nonce_digest("n-1")}))},
        {"logged note", "hex:" + as_hex(encode(LoggedNote{0, 0, 0, 2, nonce_digest("n-1"),
                                                          encode(ScanNote{"device:3", "", "oops"})}))},
    };
}

TEST(Wire, examples_are_what_we_send) {
    const auto examples = documented();
    const auto ours = encoded();
    for (const auto& [name, text] : ours) {
        ASSERT_TRUE(examples.contains(name)) << "WIRE.md has no example \"" << name << "\": " << text;
        const std::string& shown = examples.at(name);
        EXPECT_EQ(shown.starts_with("hex:") ? without_blanks(shown) : shown, text) << name;
    }
    EXPECT_EQ(examples.size(), ours.size()) << "WIRE.md has an example that no test encodes";
}

TEST(Wire, names_every_key_and_function) {
    const std::string text = read_file("daemon/contract/WIRE.md");
    const std::string key = redis_keys::ready(1);
    for (const std::string& name :
         {redis_keys::ready(1), redis_keys::settings(1), redis_keys::jobs(1), redis_keys::calls(1),
          redis_keys::logins(1), redis_keys::exports(1), redis_keys::mail(1), redis_keys::scans(1)})
        EXPECT_NE(text.find("`{e}" + name.substr(3) + "`"), std::string::npos) << name;
    for (const char* name :
         {"`{e}:totals:<day>`", "`{e}:t:<serial>`", "`{e}:a:<application id>`", "`{e}:c:<call id>`",
          "`{e}:big:<name>`", "`{e}:x:<call id>`", "`events`", "`answers:<worker id>`",
          "`{people}:session:<hash>`", "`{people}:sessions:<account>`"})
        EXPECT_NE(text.find(name), std::string::npos) << name;
    std::string_view library = function_library();
    int functions = 0;
    for (std::size_t at = 0; (at = library.find("'mogiri_", at)) != std::string_view::npos; ++functions) {
        const std::string name(library.substr(at + 1, library.find('\'', at + 1) - at - 1));
        EXPECT_NE(text.find("`" + name + "`"), std::string::npos) << name;
        at += name.size();
    }
    EXPECT_GE(functions, 18);
}

// The room's promise: no nginx, libpq, libcurl or hiredis.
TEST(Wire, contract_links_nothing_else) {
    const std::string cmake = read_file("daemon/contract/CMakeLists.txt");
    const std::string links = cmake.substr(cmake.find("target_link_libraries"));
    for (const char* name : {"PQ", "CURL", "HIREDIS", "NGX", "nginx"})
        EXPECT_EQ(links.find(name), std::string::npos) << name;
}

} // namespace
} // namespace mogiri
