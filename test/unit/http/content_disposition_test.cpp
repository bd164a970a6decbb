#include "http/content_disposition.hpp"

#include <string>

#include "test/catch.hpp"

namespace content_disposition_test {

using namespace postern::http;

TEST_CASE("an attachment is always saved, under a name that can do no harm") {
    const auto [name, field, why] = GENERATE(table<std::string, std::string, std::string>({
        {"report.pdf", R"(attachment; filename="report.pdf")", "plain"},
        {"my report.pdf", R"(attachment; filename="my report.pdf")", "a space"},
        {"", R"(attachment; filename="attachment")", "none given"},
        {"..", R"(attachment; filename="attachment")", "a folder"},
        {"../../etc/passwd", R"(attachment; filename="passwd")", "a path"},
        {"C:\\windows\\a.exe", R"(attachment; filename="a.exe")", "another's path"},
        {"a/", R"(attachment; filename="attachment")", "nothing after the path"},
        {"\xE2\x82\xAC.txt", R"(attachment; filename="_.txt"; filename*=UTF-8''%E2%82%AC.txt)", "RFC 8187"},
        {"na\xC3\xAFve plan.txt", R"(attachment; filename="na_ve plan.txt"; filename*=UTF-8''na%C3%AFve%20plan.txt)", "mixed"},
        {"a\"b.txt", R"(attachment; filename="a_b.txt"; filename*=UTF-8''a%22b.txt)", "a quote cannot end the value"},
        {"100%25.txt", R"(attachment; filename="100_25.txt"; filename*=UTF-8''100%2525.txt)", "no agent decodes it twice"},
        {"a\r\nX: y", R"(attachment; filename="a__X: y")", "a line break adds no field"},
        {"invoice\xE2\x80\xAE"
         "fdp.exe",
         R"(attachment; filename="invoice_fdp.exe")", "a right-to-left override"},
        {"\xFF.txt", R"(attachment; filename="attachment")", "not UTF-8"},
    }));
    CAPTURE(name, why);
    CHECK(content_disposition(name) == field);
}

TEST_CASE("a long name is cut between characters") {
    std::string name(199, 'a');
    name += "\xE2\x82\xAC";
    CHECK(content_disposition(name) == "attachment; filename=\"" + std::string(199, 'a') + '"');
}

}  // namespace content_disposition_test
