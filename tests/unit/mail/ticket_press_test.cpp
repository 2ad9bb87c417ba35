// Printers of tickets: an event that changes to a broken layout keeps its last good one.
#include <mail/ticket_press.hpp>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "../render/scratch.hpp"

namespace mogiri::daemon {
namespace {

namespace fs = std::filesystem;

class Press : public ::testing::Test {
  protected:
    Press() {
        fs::copy(fs::path(MOGIRI_SOURCE_DIR) / "templates/tickets/recital", folder_.path() / "own",
                 fs::copy_options::recursive);
        event_.number = 5;
        event_.version = 1;
        event_.name = {"音楽祭", "Festival"};
        kind_.id = "guest";
        kind_.layout = "own";
    }

    void write(const std::string& layout) {
        std::ofstream(folder_.path() / "own" / "layout.toml", std::ios::trunc) << layout;
    }

    TicketPress::Prepared prepared() { return press_.prepared(event_, kind_, Language::ja); }

    Scratch folder_;
    TicketPress press_{folder_.path()};
    EventSettings event_;
    TicketKind kind_;
};

TEST_F(Press, KeepsTheLastGoodLayout) {
    const TicketPress::Prepared good = prepared();
    EXPECT_EQ(good.fault, "");
    write("background = 1\n");
    EXPECT_EQ(prepared().printer, good.printer);
    EXPECT_EQ(prepared().fault, ""); // the event has not changed
    ++event_.version;
    const TicketPress::Prepared kept = prepared();
    EXPECT_EQ(kept.printer, good.printer);
    EXPECT_EQ(kept.fault, (folder_.path() / "own/layout.toml:1: background = 1: must be a text").string());
    fs::remove_all(folder_.path() / "own");
    ++event_.version;
    EXPECT_EQ(prepared().printer, good.printer);
}

TEST_F(Press, TakesAMendedLayout) {
    const TicketPress::Prepared good = prepared();
    fs::rename(folder_.path() / "own/background.png", folder_.path() / "away.png");
    ++event_.version;
    EXPECT_NE(prepared().fault.find("layout.toml: background: "), std::string::npos);
    fs::rename(folder_.path() / "away.png", folder_.path() / "own/background.png");
    ++event_.version;
    EXPECT_EQ(prepared().fault, "");
    EXPECT_NE(prepared().printer, good.printer);
}

TEST_F(Press, HasNothingToKeepBeforeTheFirst) {
    write("background = 1\n");
    EXPECT_THROW(prepared(), LayoutError);
    kind_.layout = "../own";
    EXPECT_THROW(prepared(), LayoutError);
}

} // namespace
} // namespace mogiri::daemon
