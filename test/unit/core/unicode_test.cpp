#include "core/unicode.hpp"

#include "test/catch.hpp"

namespace unicode_test {

using namespace postern::core;

TEST_CASE("local parts compare without regard to case, in any script") {
    CHECK(fold_case("Alice") == "alice");
    CHECK(fold_case("ÄRGER") == fold_case("ärger"));
    CHECK(fold_case("A\xcc\x8arhus") == fold_case("Århus"));  // decomposed and composed are one name
    CHECK(fold_case("STRASSE") == fold_case("straße"));       // full folding
    CHECK(fold_case("") == "");
    CHECK_FALSE(fold_case("\xff\xfe"));      // not UTF-8
    CHECK_FALSE(fold_case("\xc0\xaf"));      // overlong
    CHECK_FALSE(fold_case("\xed\xa0\x80"));  // a surrogate
}

TEST_CASE("a domain becomes A-labels in lower case") {
    struct row {
        const char* domain;
        std::optional<std::string> expected;
    };
    const std::string label63(63, 'a');
    const row rows[] = {
        {"Example.TEST", "example.test"},
        {"example.test.", "example.test"},  // the root's dot is not part of the name
        {"bücher.example", "xn--bcher-kva.example"},
        {"BÜCHER.example", "xn--bcher-kva.example"},
        {"xn--bcher-kva.example", "xn--bcher-kva.example"},
        {"XN--BCHER-KVA.example", "xn--bcher-kva.example"},
        {"_dmarc.example.test", "_dmarc.example.test"},  // seen in the wild
        {"faß.example", "xn--fa-hia.example"},           // IDNA 2008 keeps the sharp s
        {"", std::nullopt},
        {".", std::nullopt},
        {"a..b", std::nullopt},
        {".a", std::nullopt},
        {"a b", std::nullopt},
        {"a\r\nb", std::nullopt},
        {"\xff.example", std::nullopt},
        {"xn--\xc3\xa4.example", std::nullopt},
    };
    for (const auto& r : rows) {
        CAPTURE(r.domain);
        CHECK(to_a_label(r.domain) == r.expected);
    }
    CHECK(to_a_label(label63 + ".test") == label63 + ".test");
    CHECK_FALSE(to_a_label(label63 + "a.test"));
    std::string longest;
    for (int i = 0; i < 128; ++i) longest += "a.";
    CHECK_FALSE(to_a_label(longest + "a"));
    CHECK_FALSE(to_a_label(std::string("exa\0mple.test", 13)));  // a NUL must not cut the name short
}

TEST_CASE("a domain is shown to people in U-labels") {
    CHECK(to_u_label("xn--bcher-kva.example") == "bücher.example");
    CHECK(to_u_label("example.test") == "example.test");
    CHECK(to_u_label("xn--999999999.example") == "xn--999999999.example");  // what cannot be decoded stays
}

TEST_CASE("text that is not UTF-8 is repaired, not dropped") {
    CHECK(to_valid_utf8("plain") == "plain");
    CHECK(to_valid_utf8("gr\xc3\xbc\xc3\x9f") == "grüß");
    CHECK(to_valid_utf8("a\xff"
                        "b") ==
          "a\xef\xbf\xbd"
          "b");
    CHECK(is_utf8(to_valid_utf8("\xe2\x82")));
    CHECK(to_valid_utf8("") == "");
}

}  // namespace unicode_test
