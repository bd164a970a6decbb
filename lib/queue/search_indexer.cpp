#include "queue/search_indexer.hpp"

#include <sys/resource.h>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "message/parsed_message.hpp"
#include "message/search_terms.hpp"
#include "net/blocking_pool.hpp"
#include "queue/arrival_news.hpp"
#include "queue/bell.hpp"

namespace postern::queue {

namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr std::size_t indexed_at_once = 20;           // the database is written to for some milliseconds
constexpr std::uint64_t indexed_in_memory = 1 << 20;  // octets; of a larger message pieces are read
constexpr auto quiet = 500ms;                         // since something arrived: nobody is sending much
constexpr int share_when_quiet = 1;                   // a round is followed by a pause of so many times its length
constexpr int share_when_busy = 20;
constexpr auto longest_pause = 2s;
constexpr auto indexing_retried_after = 5s;
constexpr auto indexing_period = 1min;  // for what nobody told of, or another process left

void be_nice() { setpriority(PRIO_PROCESS, 0, 19); }  // Linux: of this thread alone

class search_indexer {
public:
    search_indexer(net::executor loop, storage::database& database, const core::logger& log)
        : database_(database), log_(log), news_(arrival_news::follow(loop, database)), pauses_(loop) {}

    net::awaitable<void> run() {
        co_await worker_.run(be_nice);
        for (;;) {
            while (!news_->empty()) {
                const auto account = news_->take();
                if (co_await index_all(account)) continue;
                co_await pauses_.wait(indexing_retried_after);
                news_->add(account);
            }
            co_await news_->wait(indexing_period);
        }
    }

private:
    /// Whether it is done; false: to be tried again.
    net::awaitable<bool> index_all(std::optional<storage::account_id> account) {
        for (;;) {
            const auto start = steady::now();
            auto next = co_await database_.searches().next_unindexed(account, indexed_at_once);
            if (!next) co_return later(next.error());
            if (next->progress.empty()) co_return true;
            auto documents = co_await make_documents(next->entries);
            if (!documents) co_return later(documents.error());
            const auto done = co_await database_.searches().index(*std::move(documents), std::move(next->progress));
            if (!done) co_return later(done.error());
            if (next->entries.size() < indexed_at_once) co_return true;
            co_await pause(steady::now() - start);
        }
    }

    bool later(const core::error& why) const {
        log_.warning("arrivals not indexed", {{"reason", why.message()}});
        return false;
    }

    net::awaitable<void> pause(steady::duration worked) {
        const bool busy = steady::now() - news_->last() < quiet;
        co_await pauses_.wait(std::min<steady::duration>(longest_pause, worked * (busy ? share_when_busy : share_when_quiet)));
    }

    net::awaitable<core::result<std::vector<storage::search_document>>> make_documents(
        const std::vector<storage::unindexed_entry>& entries) {
        std::vector<storage::search_document> documents;
        for (const auto& entry : entries) {
            if (entry.known) continue;
            auto words = co_await read_words(entry.message);
            if (words) {
                documents.push_back({entry.id, entry.account, entry.message, *std::move(words)});
                continue;
            }
            // Gone by now, or not to be read at all; unless nothing is.
            if (const auto works = co_await database_.ping(); !works) co_return std::unexpected(works.error());
            log_.debug("message not indexed",
                       {{"message", core::to_string(entry.message)}, {"reason", words.error().message()}});
        }
        co_return documents;
    }

    net::awaitable<core::result<message::search_words>> read_words(storage::message_id message) {
        auto octets = co_await database_.messages().read_content(message, indexed_in_memory);
        if (!octets) co_return std::unexpected(octets.error());
        try {
            co_return co_await worker_.run(
                [octets = *std::move(octets)] { return message::words_of(message::parse(*octets)); });
        } catch (const std::exception& thrown) {
            co_return core::fail(storage::errc::failed, thrown.what());
        }
    }

    storage::database& database_;
    const core::logger& log_;
    std::shared_ptr<arrival_news> news_;
    bell pauses_;
    net::blocking_pool worker_{1};
};

}  // namespace

net::awaitable<void> index_arrivals(net::executor loop, storage::database& database, core::logger log) {
    search_indexer indexer(std::move(loop), database, log);
    co_await indexer.run();
}

}  // namespace postern::queue
