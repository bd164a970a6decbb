#include "message/flowed_text.hpp"
#include "message/html_text.hpp"

#include "test/catch.hpp"

namespace text_forms_test {

using namespace postern::message;

TEST_CASE("format=flowed is unwrapped as RFC 3676 asks") {
    const auto [text, delete_space, unwrapped] = GENERATE(table<std::string, bool, std::string>({
        {"one \ntwo\nthree\n", false, "one two\nthree\n"},
        {"one \ntwo\n", true, "onetwo\n"},  // 4.1: DelSp=yes, for text without blanks
        {"> a \n> b\nc\n", false, "> a b\nc\n"},
        {"> a \n>> b\n", false, "> a \n>> b\n"},  // 4.5: the depth changes, the paragraph ends
        {">> a \n>> b \n> c\n", false, ">> a b \n> c\n"},
        {">>a\n> b\n", false, ">> a\n> b\n"},                       // with stuffing and without
        {" From me\n  indented\n", false, "From me\n indented\n"},  // 4.4: one space is not text
        {"a \n-- \nsig\n", false, "a \n-- \nsig\n"},                // 4.3: the signature is fixed
        {"> -- \n> x\n", false, "> -- \n> x\n"},
        {"a \n\nb\n", false, "a \nb\n"},
        {"no break at the end ", false, "no break at the end "},
        {">\n", false, "> \n"},
        {"", false, ""},
    }));
    INFO(text);
    CHECK(unwrap_flowed(text, delete_space) == unwrapped);
}

TEST_CASE("the words of HTML are found between whatever else there is") {
    const auto [html, words] = GENERATE(table<std::string, std::string>({
        {"<p>one</p><p>two", " one  two"},
        {"w<b>or</b>d", "word"},
        {"a<br>b<BR/>c", "a b c"},
        {"<style>p{}</style><script>x()</script><title>t</title>a", "      a"},
        {"<STYLE type=a>p{}</stYle >a", "  a"},
        {"<style>never closed", " "},
        {"a<!-- <p>no</p> -->b", "ab"},
        {"a<!-->b", "ab"},
        {"a<!-- never closed", "a"},
        {"1 < 2 & 3 > 2", "1 < 2 & 3 > 2"},
        {"a &amp; b &lt;c&gt; &euro;5 &#228; &#xE4; &nbsp;", "a & b <c> €5 ä ä  "},
        {"&unknown; &amp &; &#; &#x; &#0; &#x110000; &#99999999999; &", "&unknown; &amp &; &#; &#x; &#0;  &#99999999999; &"},
        {"a&#27;[31m&#10;b", "a [31m b"},  // no control character by the back door
        {"<a href='x'>link</a", "link"},
        {"<", "<"},
        {"</", "</"},
        {"<>", "<>"},
        {"<!DOCTYPE html><html>x", "  x"},
        {"", ""},
    }));
    INFO(html);
    CHECK(html_words(html, 1000) == words);
}

TEST_CASE("HTML is read no further than wanted") {
    std::string html;
    for (int i = 0; i < 1000; ++i) html += "word<p>";
    CHECK(html_words(html, 100).size() < 120);
    CHECK(html_words(std::string(5000, 'x'), 100).size() == 100);
}

}  // namespace text_forms_test
