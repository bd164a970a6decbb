#include "smtp/header_filter.hpp"

#include <string>
#include <vector>

#include "cuts.hpp"
#include "test/catch.hpp"

namespace header_filter_test {

using namespace postern::smtp;
using namespace std::string_literals;

namespace {

struct outcome {
    std::string message;
    std::size_t received = 0;

    friend bool operator==(const outcome&, const outcome&) = default;
};

outcome filter_in_pieces(std::string_view octets, std::size_t piece) {
    string_sink out;
    header_filter filter(out);
    for (std::size_t from = 0; from < octets.size(); from += piece) filter.append(octets.substr(from, piece));
    filter.finish();
    return {out.octets(), filter.received_fields()};
}

}  // namespace

TEST_CASE("Return-Path leaves the header, Received is counted, all else passes") {
    const auto wide = std::string(100'000, 'x');
    struct row {
        std::string octets;
        std::string message;
        std::size_t received;
        std::string why;
    };
    const std::vector<row> rows{
        {"", "", 0, "nothing"},
        {"A: b\r\n\r\nbody", "A: b\r\n\r\nbody", 0, "nothing to do"},
        {"Return-Path: <a@b>\r\nA: b\r\n\r\n", "A: b\r\n\r\n", 0, "first"},
        {"A: b\r\nReturn-Path: <a@b>\r\n\r\n", "A: b\r\n\r\n", 0, "last"},
        {"A: b\r\nrETURN-pATH: <a@b>\r\nC: d\r\n\r\n", "A: b\r\nC: d\r\n\r\n", 0, "in any case"},
        {"Return-Path:\r\n <a@b>\r\n\t\r\nA: b\r\n\r\n", "A: b\r\n\r\n", 0, "with continuation lines"},
        {"Return-Path: <a>\r\nReturn-Path: <b>\r\n\r\n", "\r\n", 0, "more than one"},
        {"Return-Path \t: <a>\r\nA: b\r\n\r\n", "A: b\r\n\r\n", 0, "white space before the colon (RFC 5322 4.5)"},
        {"Return-Path: " + wide + "\r\nA: b\r\n\r\n", "A: b\r\n\r\n", 0, "however long"},
        {"Return-Path: <a>", "", 0, "cut short"},
        {"Return-Pat", "Return-Pat", 0, "cut within the name"},
        {"Return-Paths: <a>\r\n\r\n", "Return-Paths: <a>\r\n\r\n", 0, "a longer name is another"},
        {"Return-Pat: <a>\r\n\r\n", "Return-Pat: <a>\r\n\r\n", 0, "and so is a shorter one"},
        {"X: y\r\n Return-Path: <a>\r\n\r\n", "X: y\r\n Return-Path: <a>\r\n\r\n", 0, "a continuation line is no field"},
        {"A: b\r\n\r\nReturn-Path: <a>\r\nReceived: x\r\n", "A: b\r\n\r\nReturn-Path: <a>\r\nReceived: x\r\n", 0,
         "the body is not ours"},
        {"Hello there\r\nReturn-Path: <a>\r\n", "Hello there\r\nReturn-Path: <a>\r\n", 0, "no header at all"},
        {"Return-Path <a>\r\nReturn-Path: <a>\r\n", "Return-Path <a>\r\nReturn-Path: <a>\r\n", 0,
         "a line without colon ends it"},
        {" x\r\nReturn-Path: <a>\r\n", " x\r\nReturn-Path: <a>\r\n", 0, "nothing to continue: the body has begun"},
        {": x\r\nReturn-Path: <a>\r\n", ": x\r\nReturn-Path: <a>\r\n", 0, "a field has a name"},
        {"Return-Path" + std::string(80, ' ') + ": <a>\r\n\r\n", "Return-Path" + std::string(80, ' ') + ": <a>\r\n\r\n", 0,
         "what is held back is bounded"},
        {"Received: a\r\nReceived: b\r\n c\r\nX: y\r\nreceived : d\r\n\r\n",
         "Received: a\r\nReceived: b\r\n c\r\nX: y\r\nreceived : d\r\n\r\n", 3, "Received is counted and stays"},
        {"Received-SPF: pass\r\nX-Received: a\r\n\r\n", "Received-SPF: pass\r\nX-Received: a\r\n\r\n", 0,
         "other names are not counted"},
        {"Return-Path: <a>\r\nReceived: a\r\n\r\n", "Received: a\r\n\r\n", 1, "Received behind Return-Path"},
        {wide + ": x\r\nReceived: a\r\n\r\n", wide + ": x\r\nReceived: a\r\n\r\n", 1, "a name without end is only passed on"},
        {"Return-Path: a\nA: \0b\n\nbody\r"s, "A: \0b\n\nbody\r"s, 0, "bare LF ends a line in a binary message"},
    };
    for (const auto& [octets, message, received, why] : rows) {
        for (const std::size_t piece : cuts) {
            INFO(why << ", in pieces of " << piece);
            CHECK(filter_in_pieces(octets, piece) == outcome{message, received});
        }
    }
}

}  // namespace header_filter_test
