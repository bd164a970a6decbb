#include "storage/group_commit.hpp"

#include <map>
#include <optional>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "scripted_database.hpp"
#include "test/catch.hpp"
#include "test/wait.hpp"

namespace group_commit_test {

namespace {

using namespace postern;
using storage::errc;
using storage::group_commit;
using storage::group_limits;
using test::scripted_database;
using ending = storage::step::ending;
using ids = scripted_database::ids;

class broken_content final : public core::content {
public:
    [[nodiscard]] std::uint64_t size() const override { return 10; }
    std::size_t read(std::uint64_t, std::span<char>) const override { throw std::runtime_error("the disk is gone"); }
};

class counted_job final : public storage::job_item {
public:
    core::result<void> perform(storage::connection&) override { return {}; }
    void answer() override { answered = outcome(); }
    std::optional<core::result<void>> answered;
};

/// A lane over a scripted database, and what became of each message handed in.
class lane {
public:
    explicit lane(group_limits limits = quick()) : work_(loop.get_executor()) {
        auto made = std::make_unique<scripted_database>();
        database = made.get();
        commit.emplace(loop.get_executor(), std::move(made), limits, core::logger());
    }

    static group_limits quick() {
        group_limits limits;
        limits.conflict_pause = limits.first_pause = limits.last_pause = std::chrono::milliseconds(1);
        return limits;
    }

    void submit(std::int64_t id, std::shared_ptr<const core::content> octets) {
        storage::delivery d;
        d.id = {id};
        d.octets = std::move(octets);
        ++pending_;
        auto item = std::make_shared<storage::delivery_item>(storage::new_message{.what = std::move(d), .queue = {}});
        boost::asio::co_spawn(loop, commit->deliver(std::move(item)),
                              [this, id](std::exception_ptr, core::result<void> outcome) {
                                  --pending_;
                                  outcomes.emplace(id, outcome                                         ? "stored"
                                                       : outcome.error().code == errc::unavailable     ? "unavailable"
                                                       : outcome.error().code == errc::outcome_unknown ? "unknown"
                                                       : outcome.error().code == errc::over_quota      ? "over quota"
                                                       : outcome.error().code == errc::failed          ? "failed"
                                                                                                       : "?");
                              });
        loop.restart();
        loop.poll();  // as far as the queue
    }

    void submit(std::int64_t id, std::size_t size = 10) {
        submit(id, std::make_shared<core::memory_content>(std::string(size, 'x')));
    }

    /// Submits these so that they are pending together: the lane is held by message 0, which is stored first.
    void submit_together(const ids& messages, const std::function<void(scripted_database&)>& script = {}) {
        scripted_database::hold hold(*database);
        submit(0);
        hold.wait_until_held();
        for (const auto id : messages) submit(id);
        // Message 0 is past the script's reach: its own transaction is let through first.
        if (script) {
            const std::lock_guard lock(database->mutex);
            script(*database);
        }
    }

    void run_until_answered() {
        loop.restart();
        while (pending_ > 0) REQUIRE(loop.run_one_for(std::chrono::minutes(1)) == 1);
    }

    boost::asio::io_context loop;
    scripted_database* database = nullptr;
    std::optional<group_commit> commit;
    std::map<std::int64_t, std::string> outcomes;

private:
    boost::asio::executor_work_guard<net::executor> work_;
    std::size_t pending_ = 0;
};

using script = std::function<void(scripted_database&)>;

/// The steps of the batch under test come after message 0's: its entries of a script are the good ones.
void then(std::deque<storage::step>& of, std::vector<storage::step> steps) {
    of.emplace_back();
    of.insert(of.end(), steps.begin(), steps.end());
}

}  // namespace

TEST_CASE("what gathers while a commit runs goes into the next transaction, and one handler answers it all") {
    lane l;
    l.submit_together({1, 2, 3, 4, 5});
    l.run_until_answered();
    REQUIRE(l.database->transactions == std::vector<ids>{{0}, {1, 2, 3, 4, 5}});
    REQUIRE(l.database->commits == 2);

    scripted_database::hold hold(*l.database);
    l.submit(10);
    hold.wait_until_held();
    for (const auto id : {11, 12, 13}) l.submit(id);
    hold.release();
    l.commit->close();  // both batches are committed and posted
    l.loop.restart();
    REQUIRE(l.loop.run_one() == 1);
    REQUIRE(l.outcomes.contains(10));
    REQUIRE_FALSE(l.outcomes.contains(11));
    REQUIRE(l.loop.run_one() == 1);
    REQUIRE(l.outcomes.size() == 10);
    REQUIRE(l.database->stored.size() == 10);
}

TEST_CASE("what is there when COMMIT is sent is given to the database behind it, and is the next transaction") {
    struct ahead {
        const char* why;
        storage::step commit;
        std::vector<std::size_t> sizes;
        bool job;
        std::vector<ids> given;
        std::vector<ids> transactions;
        std::string first;
    };
    const auto c = GENERATE(values<ahead>({
        {"two wait", {}, {10, 10}, false, {{1, 2}, {}}, {{0}, {1, 2}}, "stored"},
        {"nobody waits", {}, {}, false, {{}}, {{0}}, "stored"},
        {"a job waits, and comes between", {}, {10, 10}, true, {{}, {1, 2}, {}}, {{0}, {1, 2}}, "stored"},
        {"a large one would hold up the answer", {}, {300'000, 10}, false, {{}, {}}, {{0}, {1, 2}}, "stored"},
        {"those before a large one", {}, {10, 300'000}, false, {{1}, {}, {}}, {{0}, {1}, {2}}, "stored"},
        {"the commit fails: they have their turn",
         {ending::refused, ""},
         {10, 10},
         false,
         {{1, 2}, {}},
         {{0}, {1, 2}},
         "failed"},
        {"the connection breaks: they are tried anew", {ending::unknown, ""}, {10}, false, {{1}, {}}, {{0}, {1}}, "unknown"},
    }));
    INFO(c.why);
    lane l;
    l.database->looks_ahead = true;
    l.database->commit_script = {c.commit};
    const auto job = std::make_shared<counted_job>();
    {
        scripted_database::hold hold(*l.database);
        l.submit(0);
        hold.wait_until_held();
        for (std::size_t i = 0; i < c.sizes.size(); ++i) l.submit(static_cast<std::int64_t>(i) + 1, c.sizes[i]);
        if (c.job) REQUIRE(l.commit->submit(job));
    }
    l.run_until_answered();
    l.commit->close();
    l.loop.restart();
    l.loop.poll();
    CHECK(l.database->ahead == c.given);
    CHECK(l.database->transactions == c.transactions);
    CHECK(l.outcomes[0] == c.first);
    for (std::size_t i = 0; i < c.sizes.size(); ++i) CHECK(l.outcomes[static_cast<std::int64_t>(i) + 1] == "stored");
    CHECK(job->answered.has_value() == c.job);
}

TEST_CASE("a transaction takes no more than its bounds") {
    struct bounds {
        std::size_t messages, octets;
        std::vector<std::size_t> sizes;
        std::vector<ids> transactions;
    };
    const auto c = GENERATE(values<bounds>({
        {2, 1'000'000, {10, 10, 10, 10, 10}, {{0}, {1, 2}, {3, 4}, {5}}},  // by number
        {100, 100'000, {60'000, 60'000, 10}, {{0}, {1}, {2, 3}}},          // by octets
        {100, 100'000, {500'000, 10, 500'000}, {{0}, {1}, {2}, {3}}},      // one beyond the bound goes alone
        {100, 2'000, {1, 1, 1, 1}, {{0}, {1, 2, 3}, {4}}},                 // rows count too
    }));
    auto limits = lane::quick();
    limits.messages = c.messages;
    limits.octets = c.octets;
    lane l(limits);
    {
        scripted_database::hold hold(*l.database);
        l.submit(0);
        hold.wait_until_held();
        for (std::size_t i = 0; i < c.sizes.size(); ++i) l.submit(static_cast<std::int64_t>(i + 1), c.sizes[i]);
    }
    l.run_until_answered();
    REQUIRE(l.database->transactions == c.transactions);
}

TEST_CASE("a failure at any step ends for each waiter as the database left its message") {
    struct failure {
        const char* why;
        script steps;
        std::map<std::int64_t, std::string> outcomes;  // of messages 1, 2, 3, pending together
        std::vector<ids> attempts;
        int connects;  // -1: the probe that follows may have come or not
    };
    const std::map<std::int64_t, std::string> all_stored{{1, "stored"}, {2, "stored"}, {3, "stored"}};
    const std::map<std::int64_t, std::string> all_unknown{{1, "unknown"}, {2, "unknown"}, {3, "unknown"}};
    const ids batch{1, 2, 3};
    const auto c = GENERATE_COPY(values<failure>({
        {"a bad item fails alone",
         [](auto& d) { d.poison = {2}; },
         {{1, "stored"}, {2, "failed"}, {3, "stored"}},
         {batch, {1}, {2}, {3}},
         0},
        {"refused once, as a whole: alone they pass",
         [](auto& d) { then(d.deliver_script, {{ending::refused, "odd"}}); },
         all_stored,
         {batch, {1}, {2}, {3}},
         0},
        {"refused at commit",
         [](auto& d) { then(d.commit_script, {{ending::refused, "disk full"}}); },
         all_stored,
         {batch, {1}, {2}, {3}},
         0},
        {"the disk stays full",
         [](auto& d) { then(d.commit_script, std::vector<storage::step>(4, {ending::refused, "disk full"})); },
         {{1, "failed"}, {2, "failed"}, {3, "failed"}},
         {batch, {1}, {2}, {3}},
         0},
        {"a deadlock: the same again",
         [](auto& d) { then(d.deliver_script, {{ending::conflict, "deadlock"}, {ending::conflict, "deadlock"}}); },
         all_stored,
         {batch, batch, batch},
         0},
        {"a serialization failure at commit: the same again",
         [](auto& d) { then(d.commit_script, {{ending::conflict, "serialization"}}); },
         all_stored,
         {batch, batch},
         0},
        {"lost before COMMIT was sent: connect, and again",
         [](auto& d) { then(d.deliver_script, {{ending::lost, "gone"}}); },
         all_stored,
         {batch, batch},
         1},
        {"lost again after connecting: nobody waits for a third",
         [](auto& d) { then(d.deliver_script, {{ending::lost, "gone"}, {ending::lost, "gone"}}); },
         {{1, "unavailable"}, {2, "unavailable"}, {3, "unavailable"}},
         {batch, batch},
         -1},
        {"lost and not to be reached",
         [](auto& d) {
             then(d.deliver_script, {{ending::lost, "gone"}});
             d.connect_script = {{ending::lost, "refused"}};
         },
         {{1, "unavailable"}, {2, "unavailable"}, {3, "unavailable"}},
         {batch},
         -1},
        {"COMMIT sent, no answer: never acknowledged, never tried again",
         [](auto& d) { then(d.commit_script, {{ending::unknown, "cut"}}); },
         all_unknown,
         {batch},
         0},
        {"one of those tried alone ends unknown: the next has a new connection",
         [](auto& d) {
             then(d.deliver_script, {{ending::refused, "odd"}});
             then(d.commit_script, {{ending::unknown, "cut"}});
         },
         {{1, "unknown"}, {2, "stored"}, {3, "stored"}},
         {batch, {1}, {2}, {3}},
         1},
        {"what deliver() throws is a refusal",
         [](auto& d) { then(d.deliver_script, {{ending::done, d.thrown}}); },
         all_stored,
         {batch, {1}, {2}, {3}},
         0},
        {"what commit() throws leaves the outcome unknown",
         [](auto& d) { then(d.commit_script, {{ending::done, d.thrown}}); },
         all_unknown,
         {batch},
         0},
        {"a timeout: the first that times out alone ends it, or each would be given its time",
         [](auto& d) { d.slow = {2, 3}; },
         {{1, "stored"}, {2, "failed"}, {3, "failed"}},
         {batch, {1}, {2}},
         0},
        {"a full account's message is left out, the others go on",
         [](auto& d) { d.full = {1}; },
         {{1, "over quota"}, {2, "stored"}, {3, "stored"}},
         {batch},
         0},
        {"what was left out is known even if the commit is not",
         [](auto& d) {
             d.full = {3};
             then(d.commit_script, {{ending::unknown, "cut"}});
         },
         {{1, "unknown"}, {2, "unknown"}, {3, "over quota"}},
         {batch},
         0},
    }));
    INFO(c.why);
    lane l;
    l.submit_together({1, 2, 3}, c.steps);
    l.run_until_answered();
    auto expected = c.outcomes;
    expected.emplace(0, "stored");
    REQUIRE(l.outcomes == expected);
    auto attempts = c.attempts;
    attempts.insert(attempts.begin(), ids{0});
    l.commit->close();
    REQUIRE(l.database->transactions == attempts);
    if (c.connects >= 0) REQUIRE(l.database->connects == c.connects);
    for (const auto& [id, outcome] : expected) {
        REQUIRE(l.database->stored.count(id) == (outcome == "stored" ? 1 : 0));
    }
}

TEST_CASE("a conflict that does not end is given up, alone") {
    auto limits = lane::quick();
    limits.conflicts = 3;
    lane l(limits);
    l.database->deliver_script.assign(4, {ending::conflict, "deadlock"});
    l.submit(1);
    l.run_until_answered();
    REQUIRE(l.outcomes.at(1) == "failed");
    REQUIRE(l.database->transactions.size() == 4);
    l.submit(2);
    l.run_until_answered();
    REQUIRE(l.outcomes.at(2) == "stored");
}

TEST_CASE("when every message is refused by our rules nothing is committed") {
    lane l;
    l.database->full = {1};
    l.submit(1);
    l.run_until_answered();
    REQUIRE(l.outcomes.at(1) == "over quota");
    REQUIRE(l.database->commits == 0);
    REQUIRE(l.database->rollbacks == 1);
}

TEST_CASE("a message whose octets cannot be read fails alone, outside the transaction") {
    lane l;
    {
        scripted_database::hold hold(*l.database);
        l.submit(0);
        hold.wait_until_held();
        l.submit(1);
        l.submit(2, std::make_shared<broken_content>());
        l.submit(3);
    }
    l.run_until_answered();
    REQUIRE(l.outcomes == std::map<std::int64_t, std::string>{{0, "stored"}, {1, "stored"}, {2, "failed"}, {3, "stored"}});
    REQUIRE(l.database->transactions == std::vector<ids>{{0}, {1, 3}});
}

TEST_CASE("without a connection messages and jobs are turned away at once, until a probe connects") {
    auto limits = lane::quick();
    limits.first_pause = limits.last_pause = std::chrono::hours(1);  // the lane stays down while we look
    lane l(limits);
    const auto waiting = std::make_shared<counted_job>();
    {
        scripted_database::hold hold(*l.database);
        l.submit(1);
        hold.wait_until_held();
        l.submit(2);
        REQUIRE(l.commit->submit(waiting));
        const std::lock_guard lock(l.database->mutex);
        l.database->deliver_script = {{ending::lost, "gone"}};
        l.database->connect_script = {{ending::lost, "refused"}};
    }
    l.run_until_answered();
    REQUIRE(l.outcomes == std::map<std::int64_t, std::string>{{1, "unavailable"}, {2, "unavailable"}});
    while (!waiting->answered) REQUIRE(l.loop.run_one_for(std::chrono::minutes(1)) == 1);
    REQUIRE(waiting->answered->error().code == errc::unavailable);

    REQUIRE_FALSE(l.commit->available());
    l.submit(3);
    REQUIRE(l.outcomes.at(3) == "unavailable");
    REQUIRE_FALSE(l.commit->submit(std::make_shared<counted_job>()));
    l.commit->close();  // ends the pause
    REQUIRE(l.database->stored.empty());
}

TEST_CASE("a lane that lost its database comes back by itself") {
    lane l;
    l.database->deliver_script = {{ending::lost, "gone"}};
    l.database->connect_script = {{ending::lost, "refused"}, {ending::lost, "refused"}, {ending::lost, "starting up"}};
    l.submit(1);
    l.run_until_answered();
    REQUIRE(l.outcomes.at(1) == "unavailable");
    postern::test::wait_until([&] { return l.commit->available(); });
    l.submit(2);
    l.run_until_answered();
    REQUIRE(l.outcomes.at(2) == "stored");
    REQUIRE(l.database->connects == 4);
}

TEST_CASE("closing commits what is pending and answers it; after that nothing is taken") {
    lane l;
    const auto job = std::make_shared<counted_job>();
    {
        scripted_database::hold hold(*l.database);
        l.submit(0);
        hold.wait_until_held();
        l.submit(1);
        REQUIRE(l.commit->submit(job));
    }
    l.commit->close();
    l.run_until_answered();
    l.loop.poll();
    REQUIRE(l.database->stored == std::multiset<std::int64_t>{0, 1});
    REQUIRE(job->answered->has_value());
    l.submit(2);
    REQUIRE(l.outcomes.at(2) == "unavailable");
    REQUIRE_FALSE(l.commit->submit(std::make_shared<counted_job>()));
}

TEST_CASE("a lane that has nothing to do rests, and works on when something comes") {
    auto limits = lane::quick();
    limits.quiet = std::chrono::milliseconds(1);
    lane l(limits);
    for (const std::int64_t id : {1, 2}) {
        REQUIRE(l.database->rested.try_acquire_for(std::chrono::minutes(1)));
        l.submit(id);
        l.run_until_answered();
    }
    CHECK(l.outcomes == std::map<std::int64_t, std::string>{{1, "stored"}, {2, "stored"}});
    l.commit->close();
}

TEST_CASE("jobs that gather share a transaction, up to their own bound") {
    auto limits = lane::quick();
    limits.jobs = 2;
    lane l(limits);
    std::vector<std::shared_ptr<counted_job>> jobs;
    {
        scripted_database::hold hold(*l.database);
        l.submit(0);
        hold.wait_until_held();
        for (int i = 0; i < 3; ++i) REQUIRE(l.commit->submit(jobs.emplace_back(std::make_shared<counted_job>())));
        const std::lock_guard lock(l.database->mutex);
        l.database->perform_script = {{ending::refused, "odd"}, {}, {ending::refused, "bad"}};
    }
    l.commit->close();
    l.run_until_answered();
    l.loop.poll();
    REQUIRE(l.database->job_transactions == std::vector<std::size_t>{2, 1, 1, 1});
    REQUIRE(jobs[0]->answered->has_value());
    REQUIRE(jobs[1]->answered->error().code == errc::failed);
    REQUIRE(jobs[2]->answered->has_value());
}

}  // namespace group_commit_test
