// Messages made to exhaust the reader. None of them is held in memory here: what the process allocates is what reading costs.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <thread>
#include <vector>

#include "core/unicode.hpp"
#include "message/gmime_library.hpp"
#include "message/mime_tree.hpp"
#include "message/parsed_message.hpp"
#include "message/summary.hpp"
#include "sample.hpp"

#if __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#endif

namespace hostile_test {

using namespace postern;
using namespace postern::message;
using message::test::content_of;
using message::test::crlf;

namespace {

std::size_t allocated() {
#if __has_feature(address_sanitizer)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}

/// `head`, then `unit` again and again; watches at every read how much memory is in use.
class repeating_content final : public core::content {
public:
    repeating_content(std::string head, std::string unit, std::uint64_t times)
        : head_(std::move(head)), unit_(std::move(unit)), size_(head_.size() + unit_.size() * times), before_(allocated()) {}

    [[nodiscard]] std::uint64_t size() const override { return size_; }
    std::size_t read(std::uint64_t offset, std::span<char> into) const override {
        most_ = std::max(most_, allocated());
        std::size_t n = 0;
        for (; n < into.size() && offset + n < size_; ++n) {
            const auto at = offset + n;
            into[n] = at < head_.size() ? head_[at] : unit_[(at - head_.size()) % unit_.size()];
        }
        return n;
    }
    [[nodiscard]] std::size_t most_used() const { return most_ > before_ ? most_ - before_ : 0; }

private:
    std::string head_;
    std::string unit_;
    std::uint64_t size_;
    std::size_t before_;
    mutable std::size_t most_ = 0;
};

}  // namespace

TEST_CASE("memory stays bounded however a message is built") {
    const std::string multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    std::string addresses;
    for (int i = 0; i < 1000; ++i) addresses += "a,";
    const auto [why, head, unit, times] = GENERATE_COPY(table<std::string, std::string, std::string, std::uint64_t>({
        {"parts without end", multipart, "--b\r\n\r\n", 100'000},
        {"multiparts within multiparts", "", multipart + "--b\r\n", 100'000},
        {"messages within messages", "", "Content-Type: message/rfc822\r\n\r\n", 100'000},
        {"parts with names", multipart,
         "--b\r\nContent-Disposition: attachment; filename=\"" + std::string(5000, 'x') + "\"\r\n\r\n", 2'000},
        {"a header without end", "", "X: y\r\n", 1'000'000},
        {"a line without end", "Subject: ", "x", 5'000'000},
        {"messages with addresses", multipart, "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: " + addresses + "\r\n\r\n",
         2'000},
        {"addresses without end", "To: ", "\"name\" <a@example.test>,\r\n ", 200'000},
        {"ids without end", "References: ", "<a@b>\r\n ", 500'000},
        {"encoded words without end", "Subject: ", "=?utf-8?Q?=C3=A4?=\r\n ", 200'000},
        {"parameters without end", "Content-Type: text/plain", ";\r\n name*1*=%41", 200'000},
        {"lines of dashes", multipart, "--\n", 1'000'000},
        {"a text without end", "X: y\r\n\r\n", "text\r\n", 1'000'000},
        {"encoded nothing", "Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=\r\n", 1'000'000},
        {"a large attachment", "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n", "YWJj\r\n",
         1'000'000},
    }));
    INFO(why);
    const repeating_content content(head, unit, times);
    const auto s = summarize(content);
    CHECK(content.most_used() < 2UL * 1024 * 1024);
    const auto m = parse(content);
    CHECK(content.most_used() < 16UL * 1024 * 1024);
    CHECK(m.attachments.size() <= 1000);
    CHECK(m.headers.size() <= 1000);
    CHECK((!m.text || m.text->text.size() <= 2UL * 1024 * 1024));
    CHECK(s.preview.size() <= 800);
    static_cast<void>(read_tree(content));
    CHECK(content.most_used() < 16UL * 1024 * 1024);
}

TEST_CASE("multiparts nested too deep are one attachment with all that they hold") {
    std::string message;
    for (int i = 0; i < 100; ++i) {
        const auto boundary = "b" + std::to_string(i);
        message += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
    }
    const auto m = parse(core::memory_content(message + "\r\ninnermost\r\n"));
    REQUIRE(m.attachments.size() == 1);
    CHECK(m.attachments.front().content_type == "multipart/mixed");
    const auto inner = open_attachment(std::make_shared<core::memory_content>(message + "\r\ninnermost\r\n"), 1);
    CHECK(core::read_all(*inner->octets).ends_with("innermost\r\n"));
}

TEST_CASE("a hundred messages within each other can be opened one by one") {
    std::string message;
    for (int i = 0; i < 100; ++i) message += "Content-Type: message/rfc822\r\n\r\n";
    std::shared_ptr<const core::content> at = std::make_shared<core::memory_content>(message + "Subject: innermost\r\n\r\n");
    for (int i = 0; i < 100; ++i) at = open_attachment(at, 1)->octets;
    CHECK(parse(*at).subject == "innermost");
}

TEST_CASE("a body beyond its limit is cut between characters and says so") {
    const repeating_content content("Content-Type: text/plain; charset=utf-8\r\n\r\nx", "\xe2\x82\xac", 1'000'000);
    const auto m = parse(content);
    REQUIRE(m.text);
    CHECK(m.text->truncated);
    CHECK(m.text->text.size() <= 2UL * 1024 * 1024);
    CHECK(m.text->text.size() > 2UL * 1024 * 1024 - 4);
    CHECK(core::is_utf8(m.text->text));
    CHECK(m.text->text.ends_with("€"));
}

TEST_CASE("a medium that fails is told, and costs nothing else") {
    class failing_content final : public core::content {
    public:
        [[nodiscard]] std::uint64_t size() const override { return 200'000; }
        std::size_t read(std::uint64_t offset, std::span<char> into) const override {
            if (offset > 0) throw std::system_error(std::make_error_code(std::errc::io_error));
            std::ranges::fill(into, 'x');
            std::ranges::copy(std::string_view("Content-Type: multipart/mixed; boundary=b\r\n\r\n"), into.begin());
            return into.size();
        }
    };
    const failing_content content;
    CHECK_THROWS_AS(summarize(content), std::system_error);
    CHECK_THROWS_AS(parse(content), std::system_error);
}

TEST_CASE("many threads read messages at once") {
    const auto message = crlf(
        "From: =?iso-2022-jp?B?GyRCRnxLXDhsGyhC?= <a@x>\nTo: \xe4@x, Group: b@x;\nSubject: =?gb18030?B?xOO6ww==?=\n"
        "Date: Mon, 23 Nov 2026 05:10:00 +0000\nContent-Type: text/plain; charset=koi8-r; "
        "name*=utf-8''x\n\n\xf0\xd2\xc9\xd7\xc5\xd4\n");
    std::vector<int> right(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : right) {
            threads.emplace_back([&mine, &message] {
                for (int i = 0; i < 200; ++i) {
                    const core::memory_content content(message);
                    const auto s = summarize(content);
                    const auto m = parse(content);
                    mine +=
                        s.from.name == "日本語" && s.subject == "你好" && s.preview == "Привет" && m.text->text == "Привет\n"
                            ? 1
                            : 0;
                }
            });
        }
    }
    for (const int mine : right) CHECK(mine == 200);
}

TEST_CASE("nothing a message makes GMime complain of is written to standard error") {
    start_gmime();
    std::FILE* captured = std::tmpfile();
    REQUIRE(captured != nullptr);
    const int standard_error = ::dup(STDERR_FILENO);
    REQUIRE(standard_error >= 0);
    ::dup2(::fileno(captured), STDERR_FILENO);
    for (const char* domain : {"gmime", "GLib", "GLib-GObject"}) g_log(domain, G_LOG_LEVEL_CRITICAL, "complaint");
    ::dup2(standard_error, STDERR_FILENO);
    ::close(standard_error);
    CHECK(::lseek(::fileno(captured), 0, SEEK_END) == 0);
    std::fclose(captured);
}

}  // namespace hostile_test
