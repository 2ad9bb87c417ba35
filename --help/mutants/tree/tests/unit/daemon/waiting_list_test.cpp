// The waiting list on a real PostgreSQL, while others sell the same places.
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "festival.hpp"
#include "ledger/application_ledger.hpp"
#include "ledger/ticket_renewal.hpp"
#include "ledger/waiting_list.hpp"
#include "servers.hpp"

namespace mogiri::daemon {

namespace {

class Waiting : public ::testing::Test {
  protected:
    Waiting() : configuration_(Servers::running().fresh()), database_(configuration_.database, "unit") {
        store_with_capacity(1);
        ApplicationLedger(database_, 1).settle(std::vector{application(1, 1), application(2, 2)});
    }

    void store_with_capacity(int capacity) {
        Json definition = sample_definition();
        json_object_set_new(json_array_get(json_object_get(definition.get(), "kind"), 0), "capacity",
                            json_integer(capacity));
        json_object_set_new(json_array_get(json_object_get(definition.get(), "form"), 0), "waiting_list",
                            json_true());
        EventLedger(database_).store_event(definition.get(), false);
    }

    std::string state(int n) {
        return database_.query("SELECT state FROM application WHERE id = $1", {application_id(n)})[0].string(
            0);
    }
    std::int64_t count(const char* sql) { return database_.query(sql)[0].number(0); }

    Configuration configuration_;
    Database database_;
};

TEST_F(Waiting, MovesUpOnceThereIsRoom) {
    WaitingList list(database_, 1);
    EXPECT_EQ(state(2), "waiting");
    EXPECT_EQ(list.move_up(), 0U);
    store_with_capacity(2);
    EXPECT_EQ(list.move_up(), 1U);
    EXPECT_EQ(list.move_up(), 0U);
    EXPECT_EQ(state(2), "issued");
    EXPECT_EQ(count("SELECT count(*) FROM mail_outbox WHERE kind = 'tickets'"), 2);
    EXPECT_EQ(count("SELECT version FROM application ORDER BY version DESC LIMIT 1"), 1);
}

TEST_F(Waiting, NeverSellsAPlaceThatSomebodyElseIsSelling) {
    store_with_capacity(2);
    // Between what is decided and its commit there is time for the other to decide as well.
    database_.script(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';"
        "CREATE TRIGGER dawdle AFTER INSERT ON ticket FOR EACH STATEMENT EXECUTE FUNCTION dawdle()");
    std::barrier start(2);
    {
        std::jthread seller([&] {
            Database own(configuration_.database, "unit");
            start.arrive_and_wait();
            try {
                TicketRenewal(own, 1).issue(application_id(1), {"山田 桜"}, "one more");
            } catch (const LedgerRefusal&) {
                // The one who waits was quicker.
            }
        });
        std::jthread list([&] {
            Database own(configuration_.database, "unit");
            start.arrive_and_wait();
            WaitingList(own, 1).move_up();
        });
    }
    EXPECT_EQ(count("SELECT count(*) FROM ticket WHERE status = 'valid'"), 2);
}

} // namespace

} // namespace mogiri::daemon
