#include "storage/change_store.hpp"
#include "test/catch.hpp"

namespace account_state_test {

using namespace postern::storage;

TEST_CASE("a state comes back as it was, whatever is in it") {
    constexpr std::int64_t most = INT64_MAX;
    for (const auto& state :
         {account_state{}, account_state{{{{1}, 1, 1}}, 0}, account_state{{{{1}, 5, 7}, {{2}, 0xFFFF'FFFF, most}}, most},
          account_state{std::vector<mailbox_state>{{{7}, 1, 255}, {{8}, 2, 256}, {{most}, 3, 1}}, 62}}) {
        const auto text = encode_state(state);
        CHECK(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos);
        CHECK(decode_state(text) == state);
    }
}

TEST_CASE("what is no state is none") {
    const account_state good{{{{1}, 5, 7}, {{2}, 6, 8}}, 9};
    const auto text = encode_state(good);
    for (std::size_t length = 0; length < text.size(); ++length) {
        CAPTURE(length);
        const bool whole_mailboxes = length == 12 || length == 39;  // 9 octets, and 20 more: a state of fewer
        CHECK(decode_state(text.substr(0, length)).has_value() == whole_mailboxes);
    }
    for (const std::string bad : {"", "=", "A", "AQAAAAAAAAAA=", "+++++", "AgAAAAAAAAAA", " AQAAAAAAAAAA"}) {
        CAPTURE(bad);
        CHECK(!decode_state(bad));
    }
    for (const auto& state :
         {account_state{{{{0}, 5, 7}}, 9}, account_state{{{{1}, 0, 7}}, 9}, account_state{{{{1}, 5, 0}}, 9},
          account_state{{{{1}, 5, 7}, {{1}, 5, 7}}, 9}, account_state{{{{2}, 5, 7}, {{1}, 5, 7}}, 9}, account_state{{}, -1}}) {
        CHECK(!decode_state(encode_state(state)));
    }
    account_state long_one;
    for (std::int64_t i = 1; i <= 1025; ++i) long_one.mailboxes.push_back({{i}, 1, 1});
    CHECK(!decode_state(encode_state(long_one)));
}

}  // namespace account_state_test
