#include "queue/conversion.hpp"

#include <filesystem>

#include <boost/asio/io_context.hpp>

#include "core/unicode.hpp"
#include "smtp/ehlo_reader.hpp"
#include "smtp_client/transaction.hpp"
#include "test/catch.hpp"
#include "test/run.hpp"

namespace conversion_test {

using namespace postern;
using namespace std::string_literals;
using smtp::body_type;
using smtp_client::delivery_status;

namespace {

/// Content that cannot be read.
struct lost_content final : core::content {
    [[nodiscard]] std::uint64_t size() const override { return 100; }
    std::size_t read(std::uint64_t, std::span<char>) const override { throw std::runtime_error("the disk is gone"); }
};

struct converting {
    boost::asio::io_context loop;
    net::blocking_pool pool{1};
    net::spool_area spools{pool, std::filesystem::current_path(), {.message_memory = 1000}};
    smtp_client::envelope envelope{.reverse_path = "from@here.test"};
    std::vector<smtp_client::recipient> to{{.path = "a@example.test"}};
    std::string message = "Subject: x\r\n\r\nplain\r\n";

    auto convert(const std::string& offers, const smtp_client::outgoing& what) {
        const auto offered = smtp::read_ehlo({250, "mx\n" + offers});
        auto result = test::run(loop, queue::convert(pool, spools, offered, envelope, to, what));
        if (result) CHECK(smtp_client::lacks(offered, result->envelope, {}) == smtp_client::shortcoming::none);
        return result;
    }
    auto convert(const std::string& offers) { return convert(offers, {std::make_shared<core::memory_content>(message), 0}); }
    std::string refusal(const std::string& offers) {
        const auto result = convert(offers);
        if (result) return "converted";
        return (result.error().what == delivery_status::kind::permanent ? "permanent " : "temporary ") +
               to_string(result.error().status);
    }
};

const std::string umlaut = "\xc3\xbc";

}  // namespace

TEST_CASE_METHOD(converting, "what fits is left as it is") {
    const auto same = convert("8BITMIME");
    REQUIRE(same);
    CHECK(core::read_all(*same->message.octets) == message);
    envelope.body = body_type::eight_bit;
    CHECK(convert("8BITMIME")->envelope.body == body_type::eight_bit);
}

TEST_CASE_METHOD(converting, "an 8-bit message becomes 7-bit, from its offset on, however large") {
    envelope.body = body_type::eight_bit;
    const std::string trace = "Return-Path: <x@y.test>\r\n";
    message = trace + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
    while (message.size() < 500'000) message += "plain words, and one that is not: gr" + umlaut + "n\r\n";
    const auto result = convert("PIPELINING", {std::make_shared<core::memory_content>(message), trace.size()});
    REQUIRE(result);
    CHECK(result->envelope.body == body_type::seven_bit);
    CHECK(result->message.offset == 0);
    CHECK_FALSE(result->message.octets->in_memory());  // it lies in a file
    const auto octets = core::read_all(*result->message.octets);
    CHECK(octets.starts_with("MIME-Version: 1.0\r\n"));
    CHECK(core::is_ascii(octets));
}

TEST_CASE_METHOD(converting, "a binary message becomes as little else as will do") {
    envelope.body = body_type::binary;
    message = "Content-Type: image/x\r\n\r\n\0\xff\n"s;
    CHECK(convert("8BITMIME\nCHUNKING")->envelope.body == body_type::eight_bit);
    CHECK(convert("CHUNKING")->envelope.body == body_type::seven_bit);
    CHECK(convert("CHUNKING\nBINARYMIME")->envelope.body == body_type::binary);
}

TEST_CASE_METHOD(converting, "what cannot be converted is refused for good, what could not be read is tried again") {
    envelope.body = body_type::eight_bit;
    message = "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n" + umlaut + "\r\n--b--\r\n";
    CHECK(refusal("PIPELINING") == "permanent 5.6.3");
    const auto lost = convert("PIPELINING", {std::make_shared<lost_content>(), 0});
    REQUIRE_FALSE(lost);
    CHECK(lost.error().what == delivery_status::kind::temporary);
    CHECK(to_string(lost.error().status) == "4.3.0");
}

TEST_CASE_METHOD(converting, "addresses lose their UTF-8 where only the domain has any") {
    envelope.smtputf8 = true;
    envelope.reverse_path = "from@m" + umlaut + "nchen.test";
    to = {{.path = "a@b" + umlaut + "cher.test"}, {.path = "gr" + umlaut + "n@b" + umlaut + "cher.test"}, {.path = "c@d.test"}};
    const auto result = convert("8BITMIME");
    REQUIRE(result);
    CHECK_FALSE(result->envelope.smtputf8);
    CHECK(result->envelope.reverse_path == "from@xn--mnchen-3ya.test");
    REQUIRE(result->to.size() == 3);
    CHECK(result->to[0].path == "a@xn--bcher-kva.test");
    CHECK_FALSE(core::is_ascii(result->to[1].path));  // the transaction refuses it
    CHECK(result->to[2].path == "c@d.test");
    // A server that takes UTF-8 gets it.
    CHECK(convert("8BITMIME\nSMTPUTF8")->envelope.reverse_path == envelope.reverse_path);
}

TEST_CASE_METHOD(converting, "UTF-8 in the header or in the sender's name needs SMTPUTF8") {
    envelope.smtputf8 = true;
    SECTION("the header") { message = "Subject: " + umlaut + "\r\n\r\nplain\r\n"; }
    SECTION("the sender") { envelope.reverse_path = umlaut + "@here.test"; }
    CHECK(refusal("8BITMIME") == "permanent 5.6.7");
}

}  // namespace conversion_test
