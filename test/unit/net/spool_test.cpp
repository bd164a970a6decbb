#include "net/spool.hpp"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>

#include <boost/asio/io_context.hpp>

#include "test/catch.hpp"
#include "test/run.hpp"

namespace spool_test {

namespace net = postern::net;
namespace fs = std::filesystem;
using postern::core::content;
using postern::core::read_all;
using postern::test::run;

namespace {

struct place {
    boost::asio::io_context loop;
    net::blocking_pool pool{1};
    fs::path folder = fs::current_path();

    net::spool_area area(std::uint64_t message, std::uint64_t all = 1 << 30) { return {pool, folder, {message, all}}; }
};

std::string numbered(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + '\n';
    text.resize(size);
    return text;
}

/// As a session does it: append what came, drain when due.
net::awaitable<postern::core::result<std::shared_ptr<const content>>> keep(net::spool& in, std::string_view octets,
                                                                           std::size_t piece) {
    for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size()))) {
        in.append(octets.substr(0, piece));
        if (in.full()) static_cast<void>(co_await in.drain());
    }
    co_return co_await in.finish();
}

/// No file may grow beyond `size` while this lives: a disk that is full.
class full_disk {
public:
    explicit full_disk(rlim_t size) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        auto now = before_;
        now.rlim_cur = size;
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~full_disk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        static_cast<void>(std::signal(SIGXFSZ, handler_));
    }
    full_disk(const full_disk&) = delete;
    full_disk& operator=(const full_disk&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int);
};

}  // namespace

TEST_CASE("a message comes out as it went in, in memory up to the limit and from a file beyond it") {
    place p;
    struct row {
        std::size_t size, piece;
        bool in_memory;
    };
    const auto c = GENERATE(values<row>({
        {0, 1, true},
        {1, 1, true},
        {1000, 7, true},
        {4096, 4096, true},   // exactly the limit
        {4097, 4096, false},  // one more
        {4097, 1, false},
        {1'000'000, 65'536, false},     // several trips to the file
        {1'000'000, 1'000'000, false},  // one piece far over the limit
    }));
    auto area = p.area(4096);
    net::spool spool(area);
    const auto octets = numbered(c.size);
    const auto kept = run(p.loop, keep(spool, octets, c.piece));
    REQUIRE(kept);
    CHECK((*kept)->size() == c.size);
    CHECK(spool.size() == c.size);
    CHECK((*kept)->in_memory().has_value() == c.in_memory);
    CHECK(read_all(**kept) == octets);
    std::string middle(10, '\0');
    if (c.size > 3000) {
        CHECK((*kept)->read(2990, middle) == 10);
        CHECK(middle == octets.substr(2990, 10));
    }
    CHECK((*kept)->read(c.size, middle) == 0);
    CHECK(fs::is_empty(p.folder));  // the file has no name
}

TEST_CASE("no spool keeps more in memory than its limit and one piece") {
    place p;
    auto area = p.area(4096);
    net::spool spool(area);
    struct writer {
        static net::awaitable<std::uint64_t> write(net::spool& to, net::spool_area& area) {
            std::uint64_t most = 0;
            for (int i = 0; i < 1000; ++i) {
                to.append(std::string(5000, 'x'));
                most = std::max(most, area.in_memory());
                if (to.full()) static_cast<void>(co_await to.drain());
            }
            co_return most;
        }
    };
    CHECK(run(p.loop, writer::write(spool, area)) <= 256 * 1024 + 5000);
}

TEST_CASE("the room made for more of a large message counts as memory, and is smaller when memory is tight") {
    place p;
    auto area = p.area(4096, 100);
    const auto in_memory_with_one_more = [&] {
        net::spool large(area);
        large.append(std::string(5000, 'x'));
        static_cast<void>(run(p.loop, large.drain()));
        large.append("y");
        return area.in_memory();
    };
    CHECK(in_memory_with_one_more() == 256 * 1024);
    net::spool small(area);
    small.append(std::string(101, 'z'));
    CHECK(in_memory_with_one_more() == 101 + 16 * 1024);
}

TEST_CASE("when all messages together take too much memory, small ones go to files as well") {
    place p;
    auto area = p.area(100'000, 150'000);
    net::spool first(area);
    net::spool second(area);
    first.append(std::string(90'000, 'a'));
    CHECK_FALSE(first.full());
    second.append(std::string(70'000, 'b'));
    CHECK(second.full());
    const auto kept = run(p.loop, keep(second, "", 1));
    REQUIRE(kept);
    CHECK((*kept)->size() == 70'000);
}

TEST_CASE("memory counts as used until the last holder of the content lets go") {
    place p;
    auto area = p.area(4096);
    {
        net::spool spool(area);
        auto kept = run(p.loop, keep(spool, "0123456789", 10)).value();
        CHECK(area.in_memory() == 10);
        kept.reset();
        CHECK(area.in_memory() == 0);
        net::spool abandoned(area);
        abandoned.append("01234");
        CHECK(area.in_memory() == 5);
    }
    CHECK(area.in_memory() == 0);
}

TEST_CASE("a full disk and a missing folder are errors that stay, and cost no memory") {
    place p;
    auto area = p.area(1000);
    SECTION("full disk") {
        const full_disk none(300'000);
        net::spool spool(area);
        const auto kept = run(p.loop, keep(spool, numbered(2'000'000), 50'000));
        REQUIRE_FALSE(kept);
        CHECK(kept.error().code == net::errc::disk_full);
        CHECK(area.in_memory() == 0);
        CHECK(spool.size() == 2'000'000);  // it counts on: the message is read to its end
    }
    SECTION("missing folder") {
        net::spool_area nowhere(p.pool, p.folder / "missing", {1000, 1 << 20});
        net::spool spool(nowhere);
        const auto kept = run(p.loop, keep(spool, numbered(5000), 500));
        REQUIRE_FALSE(kept);
        CHECK(kept.error().code == net::errc::spool_failed);
        CHECK(kept.error().message() == "spool file: No such file or directory");
        CHECK(nowhere.in_memory() == 0);
    }
}

TEST_CASE("content may outlive everything it came from") {
    std::shared_ptr<const content> kept;
    {
        place p;
        auto area = p.area(10);
        net::spool spool(area);
        kept = run(p.loop, keep(spool, numbered(1000), 100)).value();
    }
    CHECK(read_all(*kept) == numbered(1000));
}

}  // namespace spool_test
