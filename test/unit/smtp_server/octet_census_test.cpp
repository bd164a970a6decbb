#include "smtp_server/octet_census.hpp"

#include <string>

#include "test/catch.hpp"

namespace octet_census_test {

using postern::smtp_server::octet_census;

TEST_CASE("octets beyond ASCII are found where they are, however the message is cut") {
    const auto c = GENERATE(table<std::string, bool, bool>({
        // message                                    header  anywhere
        {"", false, false},
        {"Subject: a\r\n\r\nb\r\n", false, false},
        {"Subject: \xc3\xa4\r\n\r\nb\r\n", true, true},
        {"Subject: a\r\n\r\n\xc3\xa4\r\n", false, true},
        {"Subject: a\r\n\xc3\xa4\r\n\r\n", true, true},
        {"\r\n\xc3\xa4\r\n", false, true},  // no header section at all
        {"Subject: a\r\n\r\n\r\n\xff", false, true},
        {"\x80", true, true},
    }));
    const auto& [message, header, anywhere] = c;
    for (std::size_t piece : {1UL, 2UL, 3UL, 1000UL}) {
        octet_census census;
        for (std::size_t at = 0; at < message.size(); at += piece) census.look_at(std::string_view(message).substr(at, piece));
        CHECK(census.eight_bit_header() == header);
        CHECK(census.eight_bit() == anywhere);
    }
}

}  // namespace octet_census_test
