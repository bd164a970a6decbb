#include "message/envelope.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "message/address_list.hpp"
#include "sample.hpp"

namespace envelope_test {

using namespace postern;
using namespace postern::message;
using message::test::crlf;

namespace {

header_block header_of(std::string_view text) {
    const core::memory_content content(crlf(text));
    octet_window window(content);
    return std::move(read_header(window, 0, 256UL * 1024, {}).header);
}

/// One address per line: "name|mailbox|host", "-" for what is absent.
std::string outline(const std::vector<envelope_address>& list) {
    std::string lines;
    for (const auto& a : list)
        lines += a.name.value_or("-") + '|' + a.mailbox.value_or("-") + '|' + a.host.value_or("-") + '\n';
    return lines;
}

std::string list_of(std::string_view line, std::size_t max = 1000) {
    std::vector<envelope_address> list;
    read_address_list(line, max, list);
    return outline(list);
}

}  // namespace

TEST_CASE("an envelope tells the fields as they stand") {
    const auto e = read_envelope(
        header_of("Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\n"
                  "From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.org>\n"
                  "SUBJECT: =?utf-8?Q?Gr=C3=BC?=\n =?utf-8?Q?=C3=9Fe?=\tto\n  you\n"
                  "Sender: office@example.org\nReply-To: a@x,\n\tb@y\nTo: Imap <imap@cac.example.edu>\nCc: c@z\nBcc: d@z\n"
                  "In-Reply-To: <1@x> <2@x>\nMessage-ID: <B27397-0100000@cac.example.edu>\nSubject: another\n"));
    CHECK(e.date == "Wed, 17 Jul 1996 02:23:25 -0700 (PDT)");
    CHECK(e.subject == "=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe?= to you");
    CHECK(outline(e.from) == "=?utf-8?Q?J=C3=B6rg?=|joerg|example.org\n");
    CHECK(outline(e.sender) == "-|office|example.org\n");
    CHECK(outline(e.reply_to) == "-|a|x\n-|b|y\n");
    CHECK(outline(e.to) == "Imap|imap|cac.example.edu\n");
    CHECK(outline(e.cc) == "-|c|z\n");
    CHECK(outline(e.bcc) == "-|d|z\n");
    CHECK(e.in_reply_to == "<1@x> <2@x>");
    CHECK(e.message_id == "<B27397-0100000@cac.example.edu>");
}

TEST_CASE("what is absent from an envelope differs from what is empty, and From stands in for Sender and Reply-To") {
    const auto e = read_envelope(header_of("From: a@x\nSubject:\nSender:\nMessage-ID: \n"));
    CHECK(e.subject == "");
    CHECK(e.message_id == "");
    CHECK(e.date == std::nullopt);
    CHECK(e.in_reply_to == std::nullopt);
    CHECK(outline(e.sender) == "-|a|x\n");
    CHECK(outline(e.reply_to) == "-|a|x\n");
    CHECK(e.to.empty());
    CHECK(read_envelope(header_block{}) == envelope{});
}

TEST_CASE("address lists are told as RFC 9051 has it, and a best effort is made of what is none") {
    const auto [line, expected] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {",, ,", ""},
        {"bob@x.example", "-|bob|x.example\n"},
        {"<bob@x>", "-|bob|x\n"},
        {"Bob Smith <bob@x>, al@y", "Bob Smith|bob|x\n-|al|y\n"},
        {"\"Smith, \\\"Bob\\\"\" <bob@x>", "Smith, \"Bob\"|bob|x\n"},
        {"Dr. J. Smith <j@x>", "Dr. J. Smith|j|x\n"},                                // obs-phrase
        {"\"john doe\"@x, \"a\\\"b\"@y, \"\"@z", "-|john doe|x\n-|a\"b|y\n-||z\n"},  // quoted local parts
        {"<@a.example,@b.example:bob@x>, <@c:al@y>", "-|bob|x\n-|al|y\n"},           // obsolete routes
        {"bob@x (Bob)", "Bob|bob|x\n"},                                              // the name as a comment
        {"<bob@x> (Bob (the \\) builder))", "Bob (the ) builder)|bob|x\n"},
        {"Bob (his name) <bob@x>", "Bob|bob|x\n"},
        {"bob . (c) smith @ x . example", "c|bob.smith|x.example\n"},  // blanks and comments between
        {"bob@[192.0.2.1], al@[IPv6:2001:db8::1]", "-|bob|[192.0.2.1]\n-|al|[IPv6:2001:db8::1]\n"},
        {"=?utf-8?Q?Smith,_J=C3=B6rg?= <j@x>, al@y", "=?utf-8?Q?Smith,_J=C3=B6rg?=|j|x\n-|al|y\n"},
        {"=?utf-8?Q?a?= =?utf-8?B?Yg==?= <j@x>", "=?utf-8?Q?a?= =?utf-8?B?Yg==?=|j|x\n"},
        {"Jörg <jörg@exämple.example>", "Jörg|jörg|exämple.example\n"},  // RFC 6532
        {"undisclosed-recipients:;", "-|undisclosed-recipients|-\n-|-|-\n"},
        {"The Group: Bob <bob@x>, al@y; carl@z", "-|The Group|-\nBob|bob|x\n-|al|y\n-|-|-\n-|carl|z\n"},
        {"a: bob@x", "-|a|-\n-|bob|x\n-|-|-\n"},              // not ended
        {"a: b: c@x;;d@y", "-|a|-\nb:|c|x\n-|-|-\n-|d|y\n"},  // within each other
        {"Bob", "-|Bob|\n"},
        {"MAILER-DAEMON, Bob Smith (x)", "-|MAILER-DAEMON|\nx|Bob Smith|\n"},
        {"Bob <>", "Bob||\n"},
        {"Bob <bob>", "Bob|bob|\n"},
        {"Bob Smith bob@x", "Bob Smith|bob|x\n"},                                  // no brackets
        {"bob@x <bob@y>, Bob @ Home <bob@z>", "bob@x|bob|y\nBob @ Home|bob|z\n"},  // no quotes
        {"a@x b@y c d@z", "-|a|x\n-|b|y\nc|d|z\n"},                                // no commas
        {"A <a@x> B <b@y> c@z", "A|a|x\nB|b|y\n-|c|z\n"},
        {"Bob <bob@x, Al <al@y>", "Bob|bob|x\nAl|al|y\n"},  // brackets not closed
        {"a@b@c, <a@b@c>", "-|a@b|c\n-|a@b|c\n"},
        {"<mailto:bob@x>", "-|mailto:bob|x\n"},
        {"a@x; b@y", "-|a|x\n-|b|y\n"},                          // semicolons for commas
        {"O\"Neil <o@x>, al@y", "O\"Neil|o|x\n-|al|y\n"},        // a quote without end
        {"Bob (the <bob@x>, al@y", "Bob (the|bob|x\n-|al|y\n"},  // a comment without end
        {"[list] Bob <bob@x>, [a, b@y", "[list] Bob|bob|x\n-|[a|\n-|b|y\n"},
        {"@x, a@", "-||x\n-|a|\n"},
        {"<@x>", "-||x\n"},
        {">>, \"\\", "-|\"\\|\n"},
        {"\" \" <a@x>", "-|a|x\n"},
    }));
    INFO(line);
    CHECK(list_of(line) == expected);
}

TEST_CASE("a list holds no more than it may, and a group in it is always ended") {
    CHECK(list_of("a@x, b@y, c@z", 2) == "-|a|x\n-|b|y\n");
    CHECK(list_of("g: a@x, b@y, c@z;", 3) == "-|g|-\n-|a|x\n-|-|-\n");
    CHECK(list_of("a@x, g: b@y;", 2) == "-|a|x\n");
    std::string many;
    for (int i = 0; i < 3000; ++i) many += "To: g: a@x, b@y;\n";
    const auto to = read_envelope(header_of(many)).to;
    CHECK(to.size() == 1000);
    CHECK(to.back() == envelope_address{});
}

TEST_CASE("fields of an envelope are bounded, and hold neither NUL nor control characters") {
    const auto e = read_envelope(header_of("Subject: a\x01" + std::string(1, '\0') + "b\x7f" + std::string(40'000, 'c') +
                                           "\nFrom: \"a\x02\" <b@x>\nTo: " + std::string(70'000, 'd') + "\n"));
    CHECK(e.subject->starts_with("abccc"));
    CHECK(e.subject->size() <= 16UL * 1024);
    CHECK(outline(e.from) == "a|b|x\n");
    CHECK(e.to.size() == 1);

    // Cut between characters: half of one would make the rest be taken for another charset.
    std::string text = "Subject: x";
    while (text.size() < 20'000) text += "€";
    const auto cut = read_envelope(header_of(text + "\n")).subject;
    REQUIRE(cut);
    CHECK(cut->starts_with("x€€"));
    CHECK(cut->ends_with("€"));
}

TEST_CASE("a list is not read beyond its bound, and what the bound cuts in two is left out") {
    std::string to;
    for (int i = 0; i < 990; ++i) to += std::string(90, 'n') + " <a@x>,\n ";
    const auto e = read_envelope(header_of("To: " + to + "b@y\n"));
    REQUIRE(e.to.size() > 600);
    CHECK(e.to.size() < 700);
    CHECK(e.to.back() == envelope_address{.name = std::string(90, 'n'), .mailbox = "a", .host = "x"});
}

TEST_CASE("no list costs more than in proportion to its length") {
    const auto unit = GENERATE(as<std::string>{}, "(", "\"", "\"\\", "[", "<", "@", ":", ";", ",", ".", "=?a?q?", "=?",
                               "=?a?q?\?=", "a@x ", "<a@x>", "a:", "(\\", "?=", "=?a?q? ", "a b@", "<@a,", "g:a@x;");
    std::string line;
    while (line.size() < 400'000) line += unit;
    INFO(unit);
    const auto begun = std::chrono::steady_clock::now();
    std::vector<envelope_address> list;
    read_address_list(line, 100'000, list);
    // With the square of its length it would be minutes.
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
}

}  // namespace envelope_test
