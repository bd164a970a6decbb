#include "message/decoded_content.hpp"

#include <thread>
#include <vector>

#include "sample.hpp"

namespace decoded_content_test {

using namespace postern;
using namespace postern::message;
using message::test::distant_content;
using message::test::read_in_pieces;
using namespace std::string_literals;

namespace {

std::string decode(const std::string& octets, transfer_encoding encoding) {
    const core::memory_content content(octets);
    octet_window window(content);
    transfer_decoder decoder({.begin = 0, .end = octets.size(), .encoding = encoding});
    std::string out;
    while (decoder.next(window, out)) {
    }
    CHECK(decoded_size(window, {.begin = 0, .end = octets.size(), .encoding = encoding}) == out.size());
    return out;
}

/// Base64 in lines of 76, of octets that are all different from their neighbours.
std::string encode(const std::string& octets) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string encoded;
    for (std::size_t i = 0; i + 2 < octets.size(); i += 3) {
        const auto at = [&octets, i](std::size_t n) { return static_cast<unsigned char>(octets[i + n]); };
        const unsigned bits = static_cast<unsigned>(at(0)) << 16U | static_cast<unsigned>(at(1)) << 8U | at(2);
        for (const unsigned shift : {18U, 12U, 6U, 0U}) encoded += alphabet[bits >> shift & 63U];
        if (i % 57 == 54) encoded += "\r\n";
    }
    return encoded;
}

std::string pattern(std::size_t size) {
    std::string octets;
    for (std::size_t i = 0; i < size; ++i) octets += static_cast<char>(i * 7 + i / 251);
    return octets;
}

}  // namespace

TEST_CASE("transfer encodings are undone, broken ones as far as they go") {
    using enum transfer_encoding;
    const auto [octets, encoding, decoded] = GENERATE(table<std::string, transfer_encoding, std::string>({
        {"YWJj\r\nZGVm\r\n", base64, "abcdef"},
        {"YWI=\r\n", base64, "ab"},
        {"YQ==\r\n", base64, "a"},
        {"Y W!J\x80j", base64, "abc"},  // RFC 2045 6.8: other characters are ignored
        {"", base64, ""},
        {"caf=C3=A9=\r\n!\r\n", quoted_printable, "café!\r\n"},
        {"a=zz=4", quoted_printable, "a=zz"},  // RFC 2045 6.7: what is no code stands as it is
        {"=\r\n=\r\n", quoted_printable, ""},
        {"\0\xff\r\n"s, identity, "\0\xff\r\n"s},
    }));
    INFO(octets);
    CHECK(decode(octets, encoding) == decoded);
}

TEST_CASE("decoded content reads the same from everywhere, in pieces of any size") {
    const auto octets = pattern(150'000);
    const auto encoded = "header" + encode(octets) + "\r\n";
    const auto message = std::make_shared<distant_content>(encoded);
    const encoded_range range{.begin = 6, .end = encoded.size(), .encoding = transfer_encoding::base64};
    const decoded_content content(message, range, octets.size());
    CHECK(content.size() == octets.size());
    const auto piece = GENERATE(std::size_t{977}, std::size_t{4096}, std::size_t{100'000}, std::size_t{200'000});
    CHECK(read_in_pieces(content, piece) == octets);

    std::string buffer(1000, '\0');
    for (const std::size_t offset : {140'000UL, 10UL, 70'000UL, 70'000UL, 149'500UL, 0UL}) {
        const auto n = content.read(offset, buffer);
        CHECK(buffer.substr(0, n) == octets.substr(offset, 1000));
    }
    CHECK(content.read(octets.size(), buffer) == 0);
    CHECK(content.read(~std::uint64_t{0}, buffer) == 0);
}

TEST_CASE("threads may share decoded content") {
    const auto octets = pattern(60'000);
    const auto encoded = encode(octets);
    const decoded_content content(std::make_shared<core::memory_content>(encoded),
                                  {.begin = 0, .end = encoded.size(), .encoding = transfer_encoding::base64}, octets.size());
    std::vector<std::string> got(4);
    {
        std::vector<std::jthread> threads;
        for (auto& mine : got) threads.emplace_back([&mine, &content] { mine = read_in_pieces(content, 5000); });
    }
    for (const auto& mine : got) CHECK(mine == octets);
}

TEST_CASE("a slice of a message is read in place") {
    const auto memory = std::make_shared<core::memory_content>("0123456789");
    const slice_content slice(memory, 2, 7);
    CHECK(slice.size() == 5);
    CHECK(slice.in_memory() == "23456");
    CHECK(read_in_pieces(slice, 2) == "23456");
    std::string buffer(4, '\0');
    CHECK(slice.read(5, buffer) == 0);
    CHECK_FALSE(slice_content(std::make_shared<distant_content>("0123"), 1, 2).in_memory());
}

}  // namespace decoded_content_test
