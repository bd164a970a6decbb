#include "message/search_terms.hpp"

#include "core/content.hpp"
#include "test/catch.hpp"

namespace search_terms_test {

using namespace postern;
using namespace postern::message;
using strings = std::vector<std::string>;

TEST_CASE("text becomes terms without case and accents, cut where a person would cut it") {
    const auto [text, terms] = GENERATE(table<std::string, strings>({
        {"", {}},
        {" .,;!? ", {}},
        {"Hello, World 2026", {"hello", "world", "2026"}},
        {"alice@mx.example.test", {"alice", "mx", "example", "test"}},
        {"don't", {"don", "t"}},
        {"snake_case", {"snake", "case"}},
        {"Café", {"cafe"}},
        {"Cafe\u0301", {"cafe"}},  // decomposed already
        {"ÅNGSTRÖM Straße", {"angstrom", "strasse"}},
        {"İstanbul", {"istanbul"}},
        {"ΣΊΣΥΦΟΣ", {"σισυφοσ"}},              // one sigma, wherever it stands
        {"ﬁne Ｆｕｌｌ①", {"fine", "full1"}},  // NFKD: ligatures, full width, circled
        {"Ёлка", {"елка"}},
        {"שָׁלוֹם", {"שלום"}},  // with points and without
        {"soft\u00ADhyphen", {"softhyphen"}},
        {"हिन्दी", {"हिन्दी"}},                // vowels and virama are parts of the word
        {"I \u2764\uFE0F NY", {"i", "ny"}},  // a symbol and how it looks
        {"日本語", {"日本", "本語", "語"}},
        {"東", {"東"}},
        {"日本 abc", {"日本", "本", "abc"}},
        {"x東京y", {"x", "東京", "京", "y"}},
        {"メールが", {"メー", "ール", "ルが", "が"}},
        {"ｶﾞ", {"ガ"}},  // half width, its voicing apart
        {"안녕하세요", {"안녕", "녕하", "하세", "세요", "요"}},
        {"สวัสดี", {"สว", "วั", "ัส", "สด", "ดี", "ี"}},
        {"a\xFF"
         "b",
         {"a", "b"}},  // not UTF-8
    }));
    INFO(text);
    CHECK(search_terms(text, 100) == terms);
}

TEST_CASE("terms are bounded in size and number, and a long text's pieces are not seen") {
    CHECK(search_terms(std::string(1'000, 'x') + " y", 10) == strings{std::string(48, 'x'), "y"});
    CHECK(search_terms("a b c d", 2) == strings{"a", "b"});
    CHECK(search_terms(std::string(10'000, '\x80'), 10).empty());

    std::string words;
    std::string run;
    for (int i = 0; i < 3'000; ++i) {
        words += "wört" + std::to_string(i) + " ";
        run += "本";
    }
    const auto terms = search_terms(words, 10'000);
    REQUIRE(terms.size() == 3'000);
    for (std::size_t i = 0; i < terms.size(); ++i) REQUIRE(terms[i] == "wort" + std::to_string(i));
    CHECK(search_terms(run, 10'000).size() == 3'000);
}

TEST_CASE("a phrase is what its text would be indexed as, but for an end that may go on") {
    const auto [text, prefix, terms, open] = GENERATE(table<std::string, bool, strings, bool>({
        {"Hello", false, {"hello"}, false},
        {"Hel", true, {"hel"}, true},
        {"example.com", false, {"example", "com"}, false},
        {"日本", false, {"日本"}, false},
        {"日本", true, {"日本"}, false},  // it finds 日本語 anyway
        {"日", false, {"日"}, true},      // the first of a pair
        {"a日", false, {"a", "日"}, true},
        {"日本 a", false, {"日本", "本", "a"}, false},
        {"日本 ", false, {"日本", "本"}, false},  // said to end there
    }));
    INFO(text);
    CHECK(phrase_of(text, prefix) == search_phrase{terms, open});
    CHECK(phrase_of(" - ") == std::nullopt);
}

TEST_CASE("a message is found by its people, its subject, its text and the names of its files") {
    const core::memory_content octets(
        "From: =?utf-8?q?J=C3=BCrgen?= <j@example.org>\r\nTo: Alice <alice@example.test>\r\nCc: Carol <c@example.net>\r\n"
        "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<style>p{}</style><p>Hot <b>so</b>up</p>\r\n"
        "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"Rechnung-7.pdf\"\r\n\r\nhidden\r\n"
        "--b--\r\n");
    const auto words = words_of(parse(octets));
    CHECK(words.sender == strings{"jurgen", "j", "example", "org"});
    CHECK(words.recipients == strings{"alice", "alice", "example", "test", "carol", "c", "example", "net"});
    CHECK(words.subject == strings{"grusse"});
    CHECK(words.body == strings{"hot", "soup"});
    CHECK(words.attachments == strings{"rechnung", "7", "pdf"});
}

}  // namespace search_terms_test
