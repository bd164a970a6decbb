#include "smtp_client/transaction.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "smtp/ehlo_reader.hpp"
#include "smtp/reply_reader.hpp"
#include "test/catch.hpp"

namespace transaction_test {

using namespace postern;
using namespace postern::smtp_client;
using namespace std::string_literals;
using kind = delivery_status::kind;
using fate = transaction::fate;

namespace {

smtp::extensions offers(const std::string& keywords) {
    auto lines = "mx.example.test " + keywords;
    std::ranges::replace(lines, ' ', '\n');
    return smtp::read_ehlo({250, lines});
}

smtp::reply reply(const std::string& line) {
    smtp::reply_reader reader;
    const auto wire = line + "\r\n";
    return **reader.feed(wire).done;
}

/// "delivered 2.0.0", "temporary 4.5.3": an outcome as the tables say it.
std::string told(const delivery_status& s) {
    constexpr const char* names[] = {"delivered", "temporary", "permanent"};
    return std::string(names[static_cast<int>(s.what)]) + " " + to_string(s.status);
}

std::vector<std::string> told(const std::vector<delivery_status>& all) {
    std::vector<std::string> texts;
    for (const auto& s : all) texts.push_back(told(s));
    return texts;
}

std::vector<recipient> recipients(std::size_t count) {
    std::vector<recipient> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back({.path = fmt::format("user{}@example.test", i)});
    return all;
}

/// A server that answers the commands of a transaction with the given replies, in turn.
struct played {
    std::vector<std::string> groups;  ///< as sent
    fate how = fate::over;
    std::vector<std::string> outcomes;
    bool left_open = false;
};

played play(const smtp::extensions& offered, const std::vector<recipient>& to, std::vector<std::string> replies,
            const envelope& e = {.reverse_path = "from@here.test"}, std::uint64_t size = 100, bool reset = false) {
    transaction t(offered, e, to, size, false, reset);
    played result;
    std::size_t said = 0;
    for (auto g = t.next_group(); !g.steps.empty(); g = t.next_group()) {
        result.groups.push_back(g.octets);
        for (const auto& s : g.steps) t.take(s, reply(replies.at(said++)));
    }
    result.how = t.next();
    if (result.how != fate::over) t.take_end(reply(replies.at(said++)));
    CHECK(said == replies.size());
    result.left_open = t.left_open();
    result.outcomes = told(std::move(t).outcomes());
    return result;
}

const smtp::extensions nothing;
const auto pipelining = offers("PIPELINING");

}  // namespace

TEST_CASE("without PIPELINING every command waits for its reply") {
    const auto p = play(nothing, recipients(2), {"250 ok", "250 ok", "250 ok", "354 go", "250 2.6.0 taken"});
    CHECK(p.groups == std::vector<std::string>{"MAIL FROM:<from@here.test>\r\n", "RCPT TO:<user0@example.test>\r\n",
                                               "RCPT TO:<user1@example.test>\r\n", "DATA\r\n"});
    CHECK(p.how == fate::send_dotted);
    CHECK(p.outcomes == std::vector<std::string>{"delivered 2.6.0", "delivered 2.6.0"});
    CHECK_FALSE(p.left_open);
}

TEST_CASE("with PIPELINING they go out together, DATA last") {
    const auto p = play(pipelining, recipients(1), {"250 ok", "250 ok", "354 go", "250 taken"});
    CHECK(p.groups == std::vector<std::string>{"MAIL FROM:<from@here.test>\r\nRCPT TO:<user0@example.test>\r\nDATA\r\n"});
    CHECK(p.outcomes == std::vector<std::string>{"delivered 2.0.0"});
}

TEST_CASE("with CHUNKING no DATA is said") {
    const auto p = play(offers("PIPELINING CHUNKING"), recipients(1), {"250 ok", "250 ok", "250 taken"});
    CHECK(p.groups == std::vector<std::string>{"MAIL FROM:<from@here.test>\r\nRCPT TO:<user0@example.test>\r\n"});
    CHECK(p.how == fate::send_chunks);
    CHECK(p.outcomes == std::vector<std::string>{"delivered 2.0.0"});
}

TEST_CASE("what the server answers decides for whom it answers") {
    struct row {
        std::string offered;
        std::vector<std::string> replies;
        fate how;
        std::vector<std::string> outcomes;
        bool left_open;
        std::string why;
    };
    using enum transaction::fate;
    const std::vector<row> rows{
        {"", {"450 4.7.1 later"}, over, {"temporary 4.7.1", "temporary 4.7.1", "temporary 4.7.1"}, false, "MAIL put off"},
        {"", {"550 5.1.8 no"}, over, {"permanent 5.1.8", "permanent 5.1.8", "permanent 5.1.8"}, false, "MAIL refused"},
        {"", {"550"}, over, {"permanent 5.0.0", "permanent 5.0.0", "permanent 5.0.0"}, false, "without a word"},
        {"", {"354 what"}, over, {"temporary 4.5.0", "temporary 4.5.0", "temporary 4.5.0"}, false, "no answer to MAIL"},
        {"",
         {"250", "250", "450 4.2.1 x", "550 5.1.1 y", "354", "250 2.0.0 ok"},
         send_dotted,
         {"delivered 2.0.0", "temporary 4.2.1", "permanent 5.1.1"},
         false,
         "one taken, one put off, one refused"},
        {"",
         {"250", "251 2.1.5 will forward", "250", "250", "354", "452 4.3.1 full"},
         send_dotted,
         {"temporary 4.3.1", "temporary 4.3.1", "temporary 4.3.1"},
         false,
         "put off after the message"},
        {"",
         {"250", "550", "250", "250", "354", "554 5.7.1 spam"},
         send_dotted,
         {"permanent 5.0.0", "permanent 5.7.1", "permanent 5.7.1"},
         false,
         "refused after the message"},
        {"",
         {"250", "550 5.1.1", "550 5.1.1", "450 4.2.1"},
         over,
         {"permanent 5.1.1", "permanent 5.1.1", "temporary 4.2.1"},
         true,
         "nobody taken: no DATA, and RSET is due"},
        {"PIPELINING",
         {"250", "550 5.1.1", "550 5.1.1", "450 4.2.1", "554 no valid recipients"},
         over,
         {"permanent 5.1.1", "permanent 5.1.1", "temporary 4.2.1"},
         true,
         "nobody taken, DATA was under way and refused"},
        {"PIPELINING",
         {"250", "550 5.1.1", "550 5.1.1", "450 4.2.1", "354 go", "250 2.0.0 ok"},
         send_nothing,
         {"permanent 5.1.1", "permanent 5.1.1", "temporary 4.2.1"},
         false,
         "RFC 2920 3.1: DATA taken with nobody to get it; its 250 is for nobody"},
        {"PIPELINING",
         {"550 5.7.1 go away", "503 mail first", "503", "503", "503"},
         over,
         {"permanent 5.7.1", "permanent 5.7.1", "permanent 5.7.1"},
         false,
         "MAIL refused: its refusal counts, not those that follow from it"},
        {"PIPELINING",
         {"450 4.7.1 later", "250", "250", "250", "354", "250 ok"},
         send_nothing,
         {"temporary 4.7.1", "temporary 4.7.1", "temporary 4.7.1"},
         false,
         "MAIL put off and the rest taken: nothing is sent without a sender"},
        {"PIPELINING",
         {"250", "250", "550 5.1.1", "250", "451 4.3.0 not now"},
         over,
         {"temporary 4.3.0", "permanent 5.1.1", "temporary 4.3.0"},
         true,
         "DATA refused"},
        {"",
         {"250", "250", "250", "250", "250 what"},
         over,
         {"temporary 4.5.0", "temporary 4.5.0", "temporary 4.5.0"},
         true,
         "250 to DATA is no go-ahead"},
        {"",
         {"250", "250", "250", "250", "354", "354 again"},
         send_dotted,
         {"temporary 4.5.0", "temporary 4.5.0", "temporary 4.5.0"},
         false,
         "nor 354 an acceptance"},
        {"CHUNKING",
         {"250", "250", "250", "250", "552 5.3.4 large"},
         send_chunks,
         {"permanent 5.3.4", "permanent 5.3.4", "permanent 5.3.4"},
         true,
         "RFC 3030: a failed BDAT needs RSET"},
        {"CHUNKING",
         {"250", "550 5.1.1", "550 5.1.1", "550 5.1.1"},
         over,
         {"permanent 5.1.1", "permanent 5.1.1", "permanent 5.1.1"},
         true,
         "no chunk without a recipient"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        const auto p = play(offers(row.offered), recipients(3), row.replies);
        CHECK(p.how == row.how);
        CHECK(p.outcomes == row.outcomes);
        CHECK(p.left_open == row.left_open);
    }
}

TEST_CASE("too many recipients is the server's limit and not the recipients' fault") {
    struct row {
        std::string offered;
        std::vector<std::string> replies;
        std::vector<std::string> outcomes;
        std::string why;
    };
    const std::vector<row> rows{
        {"",
         {"250", "250", "452 too many", "354", "250"},
         {"delivered 2.0.0", "temporary 4.5.3", "temporary 4.5.3"},
         "RFC 5321 4.5.3.1.10: the third is not even asked for"},
        {"",
         {"250", "250", "552 too many", "354", "250"},
         {"delivered 2.0.0", "temporary 4.5.3", "temporary 4.5.3"},
         "552 as RFC 821 had it"},
        {"",
         {"250", "250", "550 5.5.3 too many", "354", "250"},
         {"delivered 2.0.0", "temporary 4.5.3", "temporary 4.5.3"},
         "whatever the code, the status says it"},
        {"PIPELINING",
         {"250", "250", "452 4.5.3 too many", "452 4.5.3 too many", "354", "250"},
         {"delivered 2.0.0", "temporary 4.5.3", "temporary 4.5.3"},
         "in one group"},
        {"",
         {"250", "250", "552 5.2.2 mailbox full", "250", "354", "250"},
         {"delivered 2.0.0", "permanent 5.2.2", "delivered 2.0.0"},
         "a full mailbox is one recipient's"},
        {"",
         {"250", "250", "452 4.2.2 mailbox full", "250", "354", "250"},
         {"delivered 2.0.0", "temporary 4.2.2", "delivered 2.0.0"},
         "for now, too"},
        {"",
         {"250", "452 out of space", "250", "250", "354", "250"},
         {"temporary 4.0.0", "delivered 2.0.0", "delivered 2.0.0"},
         "the first cannot be one too many: sending it again at once would go on for ever"},
    };
    for (const auto& row : rows) {
        INFO(row.why);
        CHECK(play(offers(row.offered), recipients(3), row.replies).outcomes == row.outcomes);
    }
}

TEST_CASE("no more recipients are named than the server says it takes (RFC 9422)") {
    auto two = pipelining;
    two.rcpt_max = 2;
    const auto p = play(two, recipients(4), {"250", "550 5.1.1", "250", "354", "250"});
    CHECK(p.groups.size() == 1);
    CHECK(p.outcomes == std::vector<std::string>{"permanent 5.1.1", "delivered 2.0.0", "temporary 4.5.3", "temporary 4.5.3"});
    two.pipelining = false;
    const auto nobody = play(two, recipients(3), {"250", "550", "550"});
    CHECK(nobody.how == fate::over);  // no DATA for nobody
    CHECK(nobody.outcomes == std::vector<std::string>{"permanent 5.0.0", "permanent 5.0.0", "temporary 4.5.3"});
}

TEST_CASE("groups are bounded, so that their replies fit into the machine's buffers") {
    const auto to = recipients(120);
    std::vector<std::string> replies(122, "250 ok");
    replies.back() = "354 go";
    replies.emplace_back("250 taken");
    const auto p = play(pipelining, to, replies);
    REQUIRE(p.groups.size() == 3);
    for (const auto& g : p.groups) CHECK(std::ranges::count(g, '\n') <= 50);
    CHECK(p.groups.back().ends_with("DATA\r\n"));

    std::vector<recipient> heavy;
    for (int i = 0; i < 40; ++i)
        heavy.push_back(
            {.path = std::string(120, 'x') + "@" + std::string(60, 'y'), .orcpt = "rfc822;" + std::string(400, '+')});
    std::vector<std::string> enough(41, "250 ok");
    enough.emplace_back("354");
    enough.emplace_back("250");
    for (const auto& g : play(offers("PIPELINING DSN"), heavy, enough).groups) CHECK(g.size() <= transaction::max_group_octets);
}

TEST_CASE("MAIL and RCPT say what the server understands") {
    const std::vector<recipient> to{{.path = "to@example.test",
                                     .notify = {.given = true, .failure = true, .delay = true},
                                     .orcpt = "rfc822;first+one@example.test"}};
    const envelope e{.reverse_path = "from@here.test",
                     .body = smtp::body_type::eight_bit,
                     .ret = smtp::dsn_return::headers,
                     .envid = "id 1"};
    const std::vector<std::string> replies{"250", "250", "354", "250"};
    CHECK(play(offers("PIPELINING 8BITMIME"), to, replies, e).groups.front() ==
          "MAIL FROM:<from@here.test> BODY=8BITMIME\r\nRCPT TO:<to@example.test>\r\nDATA\r\n");
    CHECK(play(offers("PIPELINING 8BITMIME DSN SIZE"), to, replies, e).groups.front() ==
          "MAIL FROM:<from@here.test> SIZE=100 BODY=8BITMIME RET=HDRS ENVID=id+201\r\n"
          "RCPT TO:<to@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;first+2Bone@example.test\r\nDATA\r\n");

    const std::vector<recipient> utf8{{.path = "gr\xc3\xbc\xc3\x9f@example.test"}};
    CHECK(play(offers("PIPELINING 8BITMIME SMTPUTF8"), utf8, replies, {}).groups.front() ==
          "MAIL FROM:<> SMTPUTF8\r\nRCPT TO:<gr\xc3\xbc\xc3\x9f@example.test>\r\nDATA\r\n");
    CHECK(
        play(offers("PIPELINING CHUNKING BINARYMIME"), recipients(1), {"250", "250", "250"}, {.body = smtp::body_type::binary})
            .groups.front()
            .starts_with("MAIL FROM:<> BODY=BINARYMIME\r\n"));
}

TEST_CASE("what cannot be sent to a server is refused before a word is said") {
    struct row {
        std::string offered;
        envelope e;
        std::uint64_t size;
        shortcoming lacking;
        std::string outcome;
        std::string why;
    };
    using body = smtp::body_type;
    const std::vector<row> rows{
        {"SIZE", {}, 1'000'000, shortcoming::none, "", "no fixed limit"},
        {"", {.body = body::eight_bit}, 1, shortcoming::eight_bit_mime, "permanent 5.6.3", "8-bit"},
        {"8BITMIME CHUNKING", {.body = body::binary}, 1, shortcoming::binary_mime, "permanent 5.6.3", "binary"},
        {"8BITMIME", {.smtputf8 = true}, 1, shortcoming::smtputf8, "permanent 5.6.7", "UTF-8 in the header"},
        {"8BITMIME", {.reverse_path = "\xc3\xbc@x.test"}, 1, shortcoming::smtputf8, "permanent 5.6.7", "UTF-8 in an address"},
        {"", {.reverse_path = "a@b.test> SIZE=1\r\nRSET"}, 1, shortcoming::none, "permanent 5.1.7", "a command in an address"},
    };
    const auto to = recipients(1);
    for (const auto& row : rows) {
        INFO(row.why);
        const auto offered = offers(row.offered);
        CHECK(lacks(offered, row.e, to) == row.lacking);
        if (row.outcome.empty()) continue;
        const auto p = play(offered, to, {}, row.e, row.size);
        CHECK(p.groups.empty());
        CHECK(p.outcomes == std::vector<std::string>{row.outcome});
    }
    smtp::extensions small;
    small.size = 99;
    CHECK(play(small, to, {}).outcomes == std::vector<std::string>{"permanent 5.3.4"});
    small.size = 100;
    CHECK(play(small, to, {"250", "250", "354", "250"}).outcomes == std::vector<std::string>{"delivered 2.0.0"});
}

TEST_CASE("an address that needs SMTPUTF8 is refused alone") {
    auto to = recipients(2);
    to.insert(to.begin() + 1, {.path = "gr\xc3\xbcn@example.test"});
    const auto p = play(pipelining, to, {"250", "250", "250", "354", "250"});
    CHECK(p.groups.front().find("SMTPUTF8") == std::string::npos);
    CHECK(p.outcomes == std::vector<std::string>{"delivered 2.0.0", "permanent 5.6.7", "delivered 2.0.0"});
}

TEST_CASE("an address that is none hurts nobody but itself") {
    auto to = recipients(2);
    to.insert(to.begin() + 1, {.path = "x@y.test>\r\nDATA"});
    const auto p = play(pipelining, to, {"250", "250", "250", "354", "250"});
    CHECK(p.groups.front().find("y.test") == std::string::npos);
    CHECK(p.outcomes == std::vector<std::string>{"delivered 2.0.0", "permanent 5.1.3", "delivered 2.0.0"});
}

TEST_CASE("an open transaction is reset first") {
    const auto p = play(pipelining, recipients(1), {"250 reset", "250", "250", "354", "250"}, {}, 1, true);
    CHECK(p.groups.front().starts_with("RSET\r\nMAIL "));
    CHECK(p.outcomes == std::vector<std::string>{"delivered 2.0.0"});
    CHECK(play(nothing, recipients(1), {"500 what"}, {}, 1, true).outcomes == std::vector<std::string>{"temporary 4.5.0"});
}

TEST_CASE("a server that wants TLS, which failed, is asked again later") {
    const std::vector<std::string> wants{"530 5.7.0 Must issue a STARTTLS command first"};
    CHECK(play(offers("STARTTLS"), recipients(1), wants).outcomes == std::vector<std::string>{"temporary 4.7.0"});
    CHECK(play(nothing, recipients(1), wants).outcomes ==
          std::vector<std::string>{"permanent 5.7.0"});  // wants what it has not
}

}  // namespace transaction_test
