#include <tuple>

#include "archive/maildir.hpp"
#include "archive/mbox_reader.hpp"
#include "archive/mbox_writer.hpp"
#include "test/catch.hpp"

namespace formats_test {

using namespace postern;
using namespace postern::archive;
using namespace std::chrono_literals;
using storage::mailbox_role;

namespace {

struct message {
    std::string octets;
    std::optional<core::timestamp> received_at;
    flags state;
};

std::vector<message> read_in_pieces(std::string_view mbox, std::size_t piece) {
    mbox_reader reader;
    std::vector<message> all;
    const auto take = [&](const std::vector<mbox_event>& events) {
        for (const auto& e : events) {
            if (e.what == mbox_event::kind::begin) all.push_back({.octets = {}, .received_at = e.received_at, .state = {}});
            if (e.what == mbox_event::kind::octets) all.back().octets += e.octets;
            if (e.what == mbox_event::kind::end) all.back().state = e.state;
        }
    };
    for (; !mbox.empty(); mbox.remove_prefix(std::min(piece, mbox.size()))) take(reader.feed(mbox.substr(0, piece)));
    take(reader.finish());
    return all;
}

std::string write_in_pieces(std::string_view octets, std::size_t piece, const flags& f = {}) {
    mbox_writer writer;
    auto out = writer.begin("a@x.test", core::timestamp(1'764'000'000s), f);
    for (; !octets.empty(); octets.remove_prefix(std::min(piece, octets.size()))) out += writer.octets(octets.substr(0, piece));
    return out + writer.end();
}

}  // namespace

TEST_CASE("what is written to an mbox is read back to the octet, however it was cut") {
    const std::vector<std::string> messages{
        "Subject: a\r\n\r\ntext\r\n",
        "",                                                   // a message without octets
        "no end of line",                                     // BDAT takes such a message
        "From me\r\nFrom you\r\n",                            // looks like the format's own line
        ">From me\r\n>>From you\r\n>Fro\r\n>\r\n>>\r\nFrom",  // was quoted by somebody before
        "Subject: a\r\n\r\nFrom \r\n\r\nFrom a Thu Jan  1 00:00:00 1970\r\n",
        "Subject: a\r\n\r\n\r\n\r\n",                                         // ends with empty lines
        "Status: RO\r\nX-Status: AF\r\nX-Mozilla-Status: 0001\r\n\r\nx\r\n",  // fields of its own
        "a\nb\rc\r\r\n\r\n\nFrom d\n>From e\r",                               // BINARYMIME: any octets
        std::string("\0\xff\r\n\0", 5),
    };
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 1000U}) {
        std::string mbox;
        for (const auto& m : messages) mbox += write_in_pieces(m, piece);
        const auto read = read_in_pieces(mbox, piece);
        REQUIRE(read.size() == messages.size());
        for (std::size_t i = 0; i < messages.size(); ++i) {
            CAPTURE(piece, i);
            CHECK(read[i].octets == messages[i]);
            CHECK(read[i].received_at == core::timestamp(1'764'000'000s));
        }
    }
}

TEST_CASE("flags go through an mbox") {
    for (const bool seen : {false, true}) {
        for (const bool flagged : {false, true}) {
            for (const bool answered : {false, true}) {
                const flags f{seen, flagged, answered};
                CHECK(read_in_pieces(write_in_pieces("a\r\n", 10, f), 10).at(0).state == f);
            }
        }
    }
}

TEST_CASE("other programs' mboxes are read") {
    using row = std::tuple<std::string, std::vector<std::string>, flags>;
    const auto [mbox, expected, first] = GENERATE(values<row>({
        {"\r\n\nFrom a@b Mon Nov 24 16:00:00 2025\n\nx\n", {"\r\nx\r\n"}, {}},  // empty lines in front
        // LF, an empty line between
        {"From a@b Mon Nov 24 16:00:00 2025\nSubject: 1\n\nx\n\nFrom a@b Mon Nov 24 16:00:00 2025\n\ny\n",
         {"Subject: 1\r\n\r\nx\r\n", "\r\ny\r\n"},
         {}},
        // a body's line that only looks like one, not quoted
        {"From a@b Mon Nov 24 16:00:00 2025\n\nx\nFrom here on\n\n", {"\r\nx\r\nFrom here on\r\n"}, {}},
        // mboxrd's quoting
        {"From a@b Mon Nov 24 16:00:00 2025\n\n>From x\n>>From y\n", {"\r\nFrom x\r\n>From y\r\n"}, {}},
        // mutt and Dovecot: their field among the others stays
        {"From a@b Mon Nov 24 16:00:00 2025\nSubject: 1\nStatus: RO\nX-Status: A\n\nx\n",
         {"Subject: 1\r\nStatus: RO\r\nX-Status: A\r\n\r\nx\r\n"},
         {true, false, true}},
        // Thunderbird: CRLF, its fields in front
        {"From - Mon Nov 24 16:00:00 2025\r\nX-Mozilla-Status: 0005\r\nX-Mozilla-Status2: 00000000\r\nSubject: "
         "1\r\n\r\nx\r\n\r\n",
         {"Subject: 1\r\n\r\nx\r\n"},
         {true, true, false}},
        // CRLF and a bare LF of a careless program; no line end at the end
        {"From a@b Mon Nov 24 16:00:00 2025\r\nSubject: 1\r\n\r\nx\ny", {"Subject: 1\r\n\r\nx\r\ny\r\n"}, {}},
        {"", {}, {}},
    }));
    for (const std::size_t piece : {1U, 2U, 5U, 1000U}) {
        CAPTURE(mbox, piece);
        const auto read = read_in_pieces(mbox, piece);
        REQUIRE(read.size() == expected.size());
        for (std::size_t i = 0; i < read.size(); ++i) CHECK(read[i].octets == expected[i]);
        if (!read.empty()) CHECK(read[0].state == first);
    }
}

TEST_CASE("what is no mbox is known at its beginning") {
    const auto text = GENERATE(values<std::string>(
        {"Subject: a\n\nFrom x\n", "Fro\n", "\x7f\x45LF....", "Fro", "\r\n\nx", "From " + std::string(2'000, 'x') + "\n"}));
    CAPTURE(text);
    mbox_reader reader;
    CHECK(reader.feed(text).empty());
    CHECK(reader.finish().empty());
    CHECK_FALSE(reader.is_mbox());
}

TEST_CASE("a From_ line's date is read in the forms that are about") {
    const auto at = core::timestamp(1'764'000'000s);  // 2025-11-24T16:00:00Z
    for (const auto* line : {"From a@b Mon Nov 24 16:00:00 2025", "From - Mon Nov 24 16:00:00 2025",
                             "From a@b Mon Nov 24 16:00:00 UTC 2025", "From a@b Mon Nov 24 17:00:00 2025 +0100",
                             "From a@b Mon Nov 24 14:30:00 -0130 2025", "From \"a b\"@c  Mon Nov 24 16:00 2025"}) {
        CAPTURE(line);
        CHECK(date_of_from_line(line) == at);
    }
    for (const auto* line : {"From here on", "From a Nov 24 2025", "From a Mon Nov 31 16:00:00 2025",
                             "From a Nov 24 25:00:00 2025", "From a Mon Nov 24 16:00:00", "From a Mon Nov 24 16:00:00 99999"}) {
        CAPTURE(line);
        CHECK_FALSE(date_of_from_line(line));
    }
}

TEST_CASE("flags are the letters of a Maildir name") {
    CHECK(info_of({}) == ":2,");
    CHECK(info_of({true, true, true}) == ":2,FRS");
    CHECK(flags_of("1.M2P3.host,S=4:2,DFRSTab") == flags{true, true, true});
    CHECK(flags_of("1.host:2,") == flags{});
    CHECK(flags_of("1.SFR.host") == flags{});
}

TEST_CASE("files of ours are known by their names") {
    const auto name = file_name_of(129, core::timestamp(1'764'000'000'000'007us), 380);
    CHECK(name == "1764000000.M7P129.postern,S=380");
    for (const auto& form : {name, name + ":2,FS"}) {
        const auto own = own_file_of(form);
        REQUIRE(own);
        CHECK((own->entry == 129 && own->size == 380));
    }
    for (const auto* other : {"1764000000.M7P129.mx,S=380", "1.P.postern,S=1", "1.P1.postern,S=", "1.P1.postern,S=1x", ""}) {
        CHECK_FALSE(own_file_of(other));
    }
}

TEST_CASE("mailboxes have the folders that Maildir++ gives them, and come back from these") {
    const auto [mailbox, folder] = GENERATE(table<std::string, std::string>({
        {"Sent", ".Sent"},
        {"Projects/2026", ".Projects.2026"},
        {"a.b", ".a&AC4-b"},  // a dot is a step
        {"R&D", ".R&-D"},     // RFC 3501 5.1.3
        {"Entwürfe", ".Entw&APw-rfe"},
        {"~peter/mail/台北/日本語", ".~peter.mail.&U,BTFw-.&ZeVnLIqe-"},  // RFC 3501's own example
        {"\xF0\x9F\x93\xAC", ".&2D3c7A-"},                                // outside the first plane: surrogates
    }));
    CHECK(folder_of_mailbox(mailbox) == folder);
    CHECK(mailbox_of_folder(folder) == mailbox);
}

TEST_CASE("folders of others that are no modified UTF-7 are taken as they are") {
    CHECK(mailbox_of_folder(".a&b") == "a&b");
    CHECK(mailbox_of_folder(".Entwürfe") == "Entwürfe");
    CHECK(mailbox_of_folder(".\xff") == "\xEF\xBF\xBD");
    CHECK(mailbox_of_folder("cur") == std::nullopt);
    CHECK(mailbox_of_folder("..") == std::nullopt);
}

TEST_CASE("names with a purpose are known in any case") {
    CHECK(role_of_name("INBOX") == mailbox_role::inbox);
    CHECK(role_of_name("Sent Items") == mailbox_role::sent);
    CHECK(role_of_name("SPAM") == mailbox_role::junk);
    CHECK(role_of_name("deleted messages") == mailbox_role::trash);
    CHECK(role_of_name("Projects") == mailbox_role::none);
}

}  // namespace formats_test
