#include "storage/soci/id_stock.hpp"

#include <deque>
#include <set>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>

#include "storage/soci/postgresql_delivery.hpp"
#include "storage/soci/sqlite_delivery.hpp"
#include "test/engines.hpp"
#include "test/run.hpp"

namespace id_stock_test {

using namespace postern;
using namespace postern::storage;
using test::engine;
using ending = step::ending;

namespace {

std::unique_ptr<batch_executor> executor_for(const test::fresh_database& place) {
    if (place.on() == engine::postgresql) return std::make_unique<postgresql_delivery>(place.settings);
    return std::make_unique<sqlite_delivery>(place.settings, std::make_shared<turnstile>());
}

/// The database, but that a commit ends as its script says instead of being made.
class failing_commits final : public batch_executor {
public:
    failing_commits(std::unique_ptr<batch_executor> database, std::deque<ending> script)
        : database_(std::move(database)), script_(std::move(script)) {}

    step connect() override { return database_->connect(); }
    step deliver(std::span<const std::shared_ptr<delivery_item>> items) override { return database_->deliver(items); }
    step perform(std::span<const std::shared_ptr<job_item>> jobs) override { return database_->perform(jobs); }
    void rollback() noexcept override { database_->rollback(); }

    step commit(const next_items& next) override {
        if (script_.empty()) return database_->commit(next);
        const auto ended = script_.front();
        script_.pop_front();
        return {ended, "scripted"};
    }

private:
    std::unique_ptr<batch_executor> database_;
    std::deque<ending> script_;
};

/// A lane of its own and the stock it feeds.
class stocked_lane {
public:
    explicit stocked_lane(const test::fresh_database& place, std::deque<ending> script = {}) : work_(loop.get_executor()) {
        auto database = executor_for(place);
        REQUIRE(database->connect().ok());
        lane.emplace(loop.get_executor(), std::make_unique<failing_commits>(std::move(database), std::move(script)),
                     group_limits{}, core::logger());
        stock = std::make_shared<id_stock>(*lane);
    }

    std::vector<core::result<message_id>> draw(std::size_t count) {
        std::vector<net::awaitable<core::result<message_id>>> calls;
        for (std::size_t i = 0; i < count; ++i) calls.push_back(stock->next());
        return test::run_all(loop, std::move(calls));
    }

    boost::asio::io_context loop;
    std::optional<group_commit> lane;
    std::shared_ptr<id_stock> stock;

private:
    boost::asio::executor_work_guard<net::executor> work_;
};

net::awaitable<core::result<message_id>> close_after(net::awaitable<core::result<message_id>> call, id_stock& stock) {
    auto id = co_await std::move(call);
    stock.close();
    co_return id;
}

}  // namespace

TEST_CASE("ids of a draw that was rolled back are not given out") {
    const auto on = ON_BOTH_DATABASES;
    struct failure {
        const char* why;
        ending commit;
        std::optional<errc> told;
    };
    const auto c = GENERATE(values<failure>({
        {"tried again, and then well", ending::conflict, std::nullopt},
        {"refused", ending::refused, errc::failed},
        {"nobody knows whether the sequence has moved", ending::unknown, errc::outcome_unknown},
    }));
    INFO(c.why);
    test::fresh_database place(on);
    stocked_lane l(place, {c.commit});
    for (const auto& id : l.draw(3)) {
        if (c.told) {
            test::failure(id, *c.told);
        } else {
            test::value(id);
        }
    }
    stocked_lane other(place);
    std::set<std::int64_t> seen;
    for (auto* of : {&l, &other}) {
        for (const auto& id : of->draw(300)) CHECK(seen.insert(test::value(id).value).second);
    }
}

TEST_CASE("whoever waits for an id when the stock closes is answered") {
    test::fresh_database place(ON_BOTH_DATABASES);
    stocked_lane l(place);
    // The first who gets one of the first block closes the stock; the rest of the block is given out, and no other is drawn.
    std::vector<net::awaitable<core::result<message_id>>> calls;
    calls.push_back(close_after(l.stock->next(), *l.stock));
    for (int i = 0; i < 299; ++i) calls.push_back(l.stock->next());
    std::size_t given = 0;
    for (const auto& id : test::run_all(l.loop, std::move(calls))) {
        if (id) {
            ++given;
        } else {
            test::failure(id, errc::unavailable);
        }
    }
    CHECK(given == 128);
    for (const auto& id : l.draw(1)) test::failure(id, errc::unavailable);
}

}  // namespace id_stock_test
