#include "storage/cursor.hpp"

#include "test/catch.hpp"

namespace cursor_test {

using namespace postern;
using storage::decode_cursor;
using storage::encode_cursor;

namespace {

constexpr core::mailbox_id inbox{7};
constexpr std::int64_t greatest_uid = 0xFFFF'FFFF;

}  // namespace

TEST_CASE("a cursor gives back the position it was made from") {
    const auto mailbox = GENERATE(core::mailbox_id{1}, inbox, core::mailbox_id{INT64_MAX});
    const auto uid = GENERATE(std::int64_t{1}, std::int64_t{255}, std::int64_t{256}, std::int64_t{1'000'000}, greatest_uid);
    const auto text = encode_cursor(mailbox, uid);
    CHECK(text.size() == 18);
    CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos);
    CHECK(decode_cursor(text, mailbox) == uid);
}

TEST_CASE("the text of a cursor does not change between versions of the program") {
    CHECK(encode_cursor(inbox, 4242) == "AQAAAAAAAAAHAAAQkg");
}

TEST_CASE("a cursor of another mailbox is refused") {
    CHECK(!decode_cursor(encode_cursor(inbox, 10), core::mailbox_id{8}));
    CHECK(!decode_cursor(encode_cursor(inbox, 10), core::mailbox_id{-7}));
}

TEST_CASE("a text that encode_cursor cannot have made is refused") {
    const auto good = encode_cursor(inbox, 4242);
    const auto with = [&good](std::size_t at, char c) {
        auto changed = good;
        changed[at] = c;
        return changed;
    };
    const auto text = GENERATE_COPY(table<std::string, std::string>({
        {"empty", ""},
        {"too short", good.substr(1)},
        {"too long", good + "A"},
        {"padded as plain base64 is", good.substr(0, 16) + "=="},
        {"padding after the text", good + "=="},
        {"the alphabet of plain base64", with(3, '+')},
        {"the alphabet of plain base64", with(3, '/')},
        {"white space", with(5, ' ')},
        {"not ASCII", with(5, '\xC3')},
        {"a NUL", with(5, '\0')},
        {"bits after the last octet: one position would have two texts", with(17, 'h')},
        {"another version of the format", with(1, 'g')},
        {"uid 0", "AQAAAAAAAAAHAAAAAA"},
    }));
    INFO(std::get<0>(text));
    CHECK(!decode_cursor(std::get<1>(text), inbox));
}

}  // namespace cursor_test
