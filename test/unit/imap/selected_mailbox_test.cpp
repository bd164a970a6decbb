#include "imap/selected_mailbox.hpp"

#include "test/catch.hpp"

namespace selected_mailbox_test {

using namespace postern;
using namespace postern::imap;
using numbers = std::vector<std::uint32_t>;

namespace {

storage::imap_entry entry(std::int64_t uid, std::int64_t modseq = 10, storage::entry_flags flags = {}) {
    storage::imap_entry e;
    e.uid = uid;
    e.modseq = modseq;
    e.flags = std::move(flags);
    return e;
}

storage::mailbox_state state(std::int64_t uid_next, std::int64_t highest_modseq) {
    return {.mailbox = {}, .uid_next = uid_next, .highest_modseq = highest_modseq};
}

storage::flagged_entry flagged(std::int64_t modseq, storage::entry_flags flags) {
    return {.id = {}, .outcome = storage::changed_entry::status::done, .modseq = modseq, .flags = std::move(flags)};
}

selected_mailbox mailbox_with(const std::vector<std::int64_t>& uids) {
    selected_mailbox m({}, state(100, 10), false);
    std::vector<storage::imap_entry> entries;
    for (const auto uid : uids) entries.push_back(entry(uid));
    m.add(std::move(entries));
    return m;
}

std::vector<std::int64_t> uids_of(const selected_mailbox& m) {
    std::vector<std::int64_t> uids;
    for (std::uint32_t number = 1; number <= m.size(); ++number) uids.push_back(m.at(number).entry.uid);
    return uids;
}

struct happened {
    std::vector<storage::imap_entry> arrived{};
    std::vector<storage::imap_entry> changed{};
    std::vector<std::int64_t> vanished{};
    storage::mailbox_state now{};
};

std::string learned(selected_mailbox& m, const happened& what, bool may_expunge) {
    storage::imap_changes changes;
    changes.arrived = what.arrived;
    changes.changed = what.changed;
    changes.vanished = what.vanished;
    changes.state = what.now;
    std::string out;
    m.learn(changes, may_expunge, out);
    return out;
}

}  // namespace

TEST_CASE("messages have the numbers of their order by uid") {
    const auto m = mailbox_with({3, 5, 90});
    CHECK(m.size() == 3);
    CHECK(m.largest_uid() == 90);
    CHECK(m.at(2).entry.uid == 5);
    CHECK(m.number_of(3) == 1);
    CHECK(m.number_of(90) == 3);
    CHECK(m.number_of(4) == 0);   // between two
    CHECK(m.number_of(91) == 0);  // beyond all
    CHECK(m.number_of(1) == 0);   // before all

    const auto none = mailbox_with({});
    CHECK(none.size() == 0);
    CHECK(none.largest_uid() == 0);
    CHECK(none.number_of(1) == 0);
    CHECK(none.first_unseen() == 0);
}

TEST_CASE("what is added twice is there once") {
    auto m = mailbox_with({3, 5});
    m.add({entry(5), entry(8)});
    CHECK(uids_of(m) == std::vector<std::int64_t>{3, 5, 8});
}

TEST_CASE("the first message that has not been seen is told by its number") {
    auto m = mailbox_with({});
    m.add({entry(3, 1, {.seen = true}), entry(4, 1, {.flagged = true}), entry(5)});
    CHECK(m.first_unseen() == 2);
    m.set_flags(2, flagged(2, {.seen = true}));
    CHECK(m.first_unseen() == 3);
    m.set_flags(3, flagged(2, {.seen = true}));
    CHECK(m.first_unseen() == 0);
}

TEST_CASE("a command's set finds the messages it means, ascending and each once") {
    constexpr auto star = sequence_set::last;
    struct row {
        std::vector<sequence_set::range> ranges;
        bool by_uid;
        std::optional<numbers> found;  // nullopt: refused
        std::string why;
    };
    const std::vector<row> rows{
        {{{2, 2}}, false, numbers{2}, "a number"},
        {{{1, 3}}, false, numbers{1, 2, 3}, "a range"},
        {{{4, 4}, {1, 2}, {2, 3}}, false, numbers{1, 2, 3, 4}, "in any order, and across"},
        {{{star, star}}, false, numbers{4}, "the last"},
        {{{star, 3}}, false, numbers{3, 4}, "the other way around"},
        {{{1, star}}, false, numbers{1, 2, 3, 4}, "all"},
        {{{5, 5}}, false, std::nullopt, "RFC 9051 9, seq-number: a number beyond the last is an error"},
        {{{1, 1}, {4, 5}}, false, std::nullopt, "also where others are there"},
        {{{1, 4294967295}}, false, std::nullopt, "and nobody counts that far"},
        {{{7, 7}}, true, numbers{2}, "a uid"},
        {{{4, 29}}, true, numbers{2, 3}, "a range of them, whose ends are not there"},
        {{{5, 6}}, true, numbers{}, "none within it"},
        {{{31, 4294967295}}, true, numbers{}, "RFC 9051 6.4.9: a uid that is not there is no error"},
        {{{1, 4294967295}}, true, numbers{1, 2, 3, 4}, "all there could be"},
        {{{star, star}}, true, numbers{4}, "the largest"},
        {{{99, star}}, true, numbers{4}, "RFC 9051 9: the largest is in it, even where the other end is beyond"},
        {{{3, 3}, {30, 30}, {3, 7}}, true, numbers{1, 2, 4}, "several"},
    };
    const auto m = mailbox_with({3, 7, 20, 30});
    for (const auto& [ranges, by_uid, found, why] : rows) {
        INFO(why);
        numbers result;
        CHECK(m.find({.ranges = ranges}, by_uid, {}, result) == found.has_value());
        CHECK(result == found.value_or(numbers{}));
    }
}

TEST_CASE("nothing is found where there is nothing, by uid and by \"*\"") {
    const auto m = mailbox_with({});
    numbers result;
    CHECK(m.find({.ranges = {{1, sequence_set::last}}}, true, {}, result));
    CHECK(m.find({.ranges = {{1, sequence_set::last}}}, false, {}, result));
    CHECK(m.find({.ranges = {{7, 7}}}, true, {}, result));
    CHECK(result.empty());
}

TEST_CASE("\"$\" means the uids that were saved, whether numbers or uids were asked for") {
    const auto m = mailbox_with({3, 7, 20, 30});
    for (const bool by_uid : {false, true}) {
        numbers result;
        CHECK(m.find({.ranges = {}, .saved = true}, by_uid, {7, 8, 30}, result));
        CHECK(result == numbers{2, 4});  // RFC 5182 2.1: what was expunged since is out of it
        result.clear();
        CHECK(m.find({.ranges = {}, .saved = true}, by_uid, {}, result));
        CHECK(result.empty());
    }
}

TEST_CASE("EXPUNGE is told from the last to the first, and renumbers what is behind") {
    auto m = mailbox_with({3, 7, 20, 30, 31});
    CHECK(learned(m, {.vanished = {3, 20, 31}}, true) == "* 5 EXPUNGE\r\n* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n");
    CHECK(uids_of(m) == std::vector<std::int64_t>{7, 30});
    CHECK(m.number_of(30) == 2);
}

TEST_CASE("where EXPUNGE may not be told, what is gone keeps its number until it may") {
    auto m = mailbox_with({3, 7, 20});
    CHECK(learned(m, {.vanished = {7}}, false).empty());
    CHECK(m.size() == 3);
    CHECK(m.number_of(20) == 3);
    CHECK(m.at(2).gone);
    CHECK_FALSE(m.at(3).gone);
    // RFC 9051 7.4.1: EXISTS counts what the client has not been told to be gone.
    CHECK(learned(m, {.arrived = {entry(21)}, .vanished = {7}}, false) == "* 4 EXISTS\r\n");
    std::string out;
    m.tell_gone(out);
    m.tell_gone(out);  // once
    CHECK(out == "* 2 EXPUNGE\r\n");
    CHECK(uids_of(m) == std::vector<std::int64_t>{3, 20, 21});
}

TEST_CASE("what vanished that was never known is not told") {
    auto m = mailbox_with({3, 7});
    CHECK(learned(m, {.vanished = {1, 5, 99}}, true).empty());
    CHECK(m.size() == 2);
}

TEST_CASE("EXISTS is told of what arrives, once, and behind EXPUNGE") {
    auto m = mailbox_with({3, 7});
    happened changes{.arrived = {entry(8), entry(9)}, .vanished = {3}, .now = state(10, 11)};
    CHECK(learned(m, changes, true) == "* 1 EXPUNGE\r\n* 3 EXISTS\r\n");
    CHECK(uids_of(m) == std::vector<std::int64_t>{7, 8, 9});
    CHECK(m.known() == changes.now);
    CHECK(learned(m, changes, true).empty());
}

TEST_CASE("a change of flags is told once") {
    auto m = mailbox_with({3, 7});
    const happened changes{
        .changed = {entry(7, 11, {.seen = true, .deleted = true, .keywords = {"$Forwarded"}}), entry(8, 11)}};
    CHECK(learned(m, changes, false) == "* 2 FETCH (FLAGS (\\Seen \\Deleted $Forwarded) UID 7)\r\n");
    CHECK(m.at(2).entry.flags == changes.changed.front().flags);
    CHECK(learned(m, changes, false).empty());
    // Older than what is known.
    CHECK(learned(m, {.changed = {entry(7, 10, {.flagged = true})}}, false).empty());
    CHECK(m.at(2).entry.flags == changes.changed.front().flags);
    // The same again, by another hand.
    CHECK(learned(m, {.changed = {entry(7, 12, changes.changed.front().flags)}}, false).empty());
    CHECK(m.at(2).entry.modseq == 12);
}

TEST_CASE("flags are told of the number a message has after EXPUNGE") {
    auto m = mailbox_with({3, 7});
    CHECK(learned(m, {.changed = {entry(7, 11, {.seen = true})}, .vanished = {3}}, true) ==
          "* 1 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen) UID 7)\r\n");
}

TEST_CASE("a session's own change is not told to it again, another's is") {
    auto m = mailbox_with({3, 7});
    m.set_flags(1, flagged(11, {.seen = true}));
    CHECK(m.at(1).entry.flags == storage::entry_flags{.seen = true});
    CHECK(m.at(1).entry.modseq == 11);
    CHECK(learned(m, {.changed = {entry(3, 11, {.seen = true})}}, true).empty());
    CHECK(learned(m, {.changed = {entry(3, 12, {})}}, true) == "* 1 FETCH (FLAGS () UID 3)\r\n");
    m.set_flags(1, flagged(5, {}));  // nothing was changed by it
    CHECK(m.at(1).entry.modseq == 12);
}

TEST_CASE("MODSEQ is told with flags once the client knows of it") {
    auto m = mailbox_with({3});
    CHECK_FALSE(m.tells_modseq());
    m.tell_modseq();
    CHECK(m.tells_modseq());
    CHECK(learned(m, {.changed = {entry(3, 12, {.draft = true})}}, true) ==
          "* 1 FETCH (FLAGS (\\Draft) UID 3 MODSEQ (12))\r\n");
}

TEST_CASE("what the session itself removes is told at once, with what was waiting") {
    auto m = mailbox_with({3, 7, 20});
    REQUIRE(learned(m, {.vanished = {3}}, false).empty());
    std::string out;
    m.remove({20, 99}, out);
    CHECK(out == "* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n");
    CHECK(uids_of(m) == std::vector<std::int64_t>{7});
    CHECK(learned(m, {.vanished = {20}}, true).empty());
    CHECK(m.number_of(7) == 1);
}

TEST_CASE("a mailbox listed anew tells whatever differs, in any order of the list") {
    auto m = mailbox_with({3, 7, 20});
    const auto known = state(41, 15);
    std::string out;
    m.replace({entry(40), entry(20, 12, {.seen = true}), entry(3), entry(30)}, known, true, out);
    CHECK(out == "* 2 EXPUNGE\r\n* 4 EXISTS\r\n* 2 FETCH (FLAGS (\\Seen) UID 20)\r\n");
    CHECK(uids_of(m) == std::vector<std::int64_t>{3, 20, 30, 40});
    CHECK(m.known() == known);
    out.clear();
    m.replace({entry(3), entry(20, 12, {.seen = true}), entry(30), entry(40)}, known, true, out);
    CHECK(out.empty());
    m.replace({}, known, false, out);
    CHECK(out.empty());
    CHECK(m.size() == 4);
    m.replace({entry(50)}, known, true, out);
    CHECK(out == "* 4 EXPUNGE\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXISTS\r\n");
}

TEST_CASE("keywords of all messages are told, each once") {
    auto m = mailbox_with({3});
    CHECK(m.keywords().empty());
    m.add({entry(4, 1, {.keywords = {"b", "c"}}), entry(5, 1, {.keywords = {"a", "b"}})});
    CHECK(m.keywords() == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("flags keep all they say between the store and the wire") {
    for (int i = 0; i < 6; ++i) {
        const storage::entry_flags flags{i == 0, i == 1, i == 2, i == 3, i == 4, {i == 5 ? "x" : "y"}};
        CHECK(to_entry_flags(to_flag_list(flags)) == flags);
        CHECK(to_flag_list(flags).seen == (i == 0));
        CHECK(to_flag_list(flags).deleted == (i == 3));
    }
}

TEST_CASE("a response of flags tells what it is to tell") {
    const std::vector<std::pair<flags_response, std::string>> rows{
        {{}, "* 4 FETCH (FLAGS (\\Answered) UID 7)\r\n"},
        {{.uid = false}, "* 4 FETCH (FLAGS (\\Answered))\r\n"},
        {{.uid = false, .modseq = true}, "* 4 FETCH (FLAGS (\\Answered) MODSEQ (12))\r\n"},
        {{.flags = false, .modseq = true}, "* 4 FETCH (UID 7 MODSEQ (12))\r\n"},
        {{.flags = false, .uid = false, .modseq = true}, "* 4 FETCH (MODSEQ (12))\r\n"},
    };
    for (const auto& [with, written] : rows) {
        std::string out;
        write_flags_response(out, 4, entry(7, 12, {.answered = true}), with);
        CHECK(out == written);
    }
}

}  // namespace selected_mailbox_test
