#include "message/charset.hpp"

#include "core/unicode.hpp"
#include "message/gmime_library.hpp"
#include "test/catch.hpp"

namespace charset_test {

using namespace postern::message;
using namespace std::string_literals;

TEST_CASE("text becomes UTF-8 whatever its charset is called, or whether it lies") {
    start_gmime();
    const auto [octets, charset, utf8] = GENERATE(table<std::string, std::string, std::string>({
        {"caf\xc3\xa9", "utf-8", "café"},
        {"caf\xc3\xa9", "", "café"},                      // declares nothing, reads as UTF-8
        {"caf\xe9", "", "café"},                          // declares nothing, does not
        {"caf\xe9", "us-ascii", "café"},                  // a lie
        {"caf\xe9", "utf-8", "café"},                     // a lie: no sequence in it is UTF-8
        {"\xc3\xa9\xc3\xa9\xe9", "utf-8", "éé\ufffd"},    // mostly true: the rest is marked
        {"caf\xc3\xa9", "iso-8859-1", "café"},            // a lie: Latin-1 hardly ever reads as UTF-8
        {"\x80 5, \x93q\x94", "ISO-8859-1", "€ 5, “q”"},  // says Latin-1, means Windows-1252, as browsers know
        {"caf\xe9", "x-no-such-charset", "café"},
        {"caf\xe9", "ISO-2022-CN-EXT", "café"},  // a converter with a history: never called
        {"\xa4", "iso-8859-15", "€"},
        {"\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251", "Привет"},
        {"\xf0\xd2\xc9\xd7\xc5\xd4", "koi8-r", "Привет"},
        {"\x1b$BF|K\\8l\x1b(B", "iso-2022-jp", "日本語"},
        {"\x1b$BF|K\\8l\x1b(B", "", "日本語"},  // as it stood in headers before RFC 2047
        {"\x93\xfa\x96{\x8c\xea", "Shift_JIS", "日本語"},
        {"\xc4\xe3\xba\xc3", "gb18030", "你好"},
        {"\xc4\xe3\xba\xc3", "GB2312", "你好"},
        {"\xb1\xe0\xe7\x80", "gb2312", "编鐎"},  // says GB 2312, means its superset
        {"\xa7\x41\xa6\x6e", "big5", "你好"},
        {"\xbe\xc8\xb3\xe7", "ks_c_5601-1987", "안녕"},
        {"\xff\xfeh\0i\0"s, "utf-16", "hi"},  // with a byte order mark
        {"\0h\0i"s, "utf-16", "hi"},          // without: big-endian (RFC 2781 4.3)
        {"h\0i\0"s, "utf-16le", "hi"},
        {"h\0i"s, "utf-16le", "h"},  // ends within a character
        {"Hi +AOk-", "utf-7", "Hi é"},
        {"\xef\xbb\xbfmark", "utf-8", "mark"},
        {"\x93\xfa\xff\x96{", "shift_jis", "日\ufffd本"},  // one bad octet costs itself only
        {"", "gb18030", ""},
    }));
    INFO(charset);
    CHECK(to_utf8(octets, charset) == utf8);
    CHECK(postern::core::is_utf8(to_utf8(octets, charset)));
}

TEST_CASE("charsets in encoded words are replaced only where they are charsets") {
    const auto [given, safe] = GENERATE(table<std::string, std::string>({
        {"=?iso-8859-1?Q?caf=E9?=", "=?CP1252?Q?caf=E9?="},
        {"=?iso-8859-1*fr?q?caf=E9?=", "=?CP1252*fr?q?caf=E9?="},   // RFC 2231 5: with a language
        {"=?ISO-2022-CN-EXT?B?abcd?=", "=?unknown-8bit?B?abcd?="},  // CVE-2024-2961
        {"a =?utf-8?Q?x?= =?big5?b?y?=", "a =?UTF-8?Q?x?= =?BIG5-HKSCS?b?y?="},
        {"http://example.test/?a=?foo?bar", "http://example.test/?a=?foo?bar"},  // no encoded word
        {"=?utf-8?X?x?=", "=?utf-8?X?x?="},
        {"=?", "=?"},
        {"", ""},
    }));
    CHECK(with_known_charsets_in_words(given) == safe);
}

TEST_CASE("charsets in parameters are replaced only where they are charsets") {
    const auto [given, safe] = GENERATE(table<std::string, std::string>({
        {"attachment; filename*=iso-8859-1'en'caf%E9", "attachment; filename*=CP1252'en'caf%E9"},
        {"attachment; filename*0*=x-odd''a; filename*1*=it's", "attachment; filename*0*=unknown-8bit''a; filename*1*=it's"},
        {"attachment; filename*=plain.txt", "attachment; filename*=plain.txt"},
        {"attachment; filename*10*=utf-8'x", "attachment; filename*10*=utf-8'x"},  // a later section has none (RFC 2231 4.1)
    }));
    CHECK(with_known_charsets_in_parameters(given) == safe);
}

}  // namespace charset_test
