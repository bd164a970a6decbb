#include "message/field_parameters.hpp"

#include <string>

#include "test/catch.hpp"

namespace field_parameters_test {

using namespace postern::message;

namespace {

std::string outline(const field_parameters& f) {
    std::string text = f.value;
    for (const auto& [name, value] : f.parameters) text += '|' + name + '=' + value;
    return text;
}

}  // namespace

TEST_CASE("parameters are told without their quotes, and otherwise as they stand") {
    const auto [line, expected] = GENERATE(table<std::string, std::string>({
        {"", ""},
        {"Text/Plain", "text/plain"},
        {"text/plain; charset=US-ASCII", "text/plain|charset=US-ASCII"},
        {"text/plain ;CHARSET = \"utf-8\" ; format=flowed;", "text/plain|charset=utf-8|format=flowed"},
        {"text/plain; charset=us-ascii (Plain text)", "text/plain|charset=us-ascii"},  // RFC 2045 5.1
        {"attachment (a comment); filename=x", "attachment|filename=x"},
        {R"(a/b; name="a;\"b\\c=d" (x); n2="=?utf-8?Q?=C3=A4?=")", R"(a/b|name=a;"b\c=d|n2==?utf-8?Q?=C3=A4?=)"},
        {"a/b; name=my file(1).pdf; x=y", "a/b|name=my file(1).pdf|x=y"},  // quotes are missing
        {"a/b; name=\"not ended", "a/b|name=not ended"},
        {"a/b; name; =x; ;; y=", "a/b|y="},
        {"a/b; n=1; n=2", "a/b|n=1|n=2"},
        {"a/b; n=\"\\", "a/b|n=\\"},
        {"a/b; filename*=utf-8''%c3%a4", "a/b|filename*=utf-8''%c3%a4"},
        // RFC 2231 3: sections, in any order
        {"a/b; url*1=\"world\"; c=d; url*0=\"hello \"", "a/b|url=hello world|c=d"},
        {"a/b; t*0*=us-ascii'en'This%20is; t*1=\" 50%\"; t*2*=%20fun", "a/b|t*=us-ascii'en'This%20is%2050%25%20fun"},
        {"a/b; t*0=a; t*1*=%41", "a/b|t*=''a%41"},
        {"a/b; t*0=a; t*2=c", "a/b|t=a|t*2=c"},  // a gap
        {"a/b; t*2=c; t*0=a", "a/b|t=a|t*2=c"},
        {"a/b; t*1=b", "a/b|t*1=b"},
        {"a/b; t*0=a; t*0=b", "a/b|t=a|t=b"},
        {"a/b; *0=a; t*x=b; t*99999999999999999999=c", "a/b|*0=a|t*x=b|t*99999999999999999999=c"},
    }));
    INFO(line);
    CHECK(outline(read_field_parameters(line)) == expected);
}

TEST_CASE("of many parameters a hundred are told") {
    std::string line = "a/b";
    for (int i = 0; i < 500; ++i) line += ";n*" + std::to_string(i) + "=x";
    const auto read = read_field_parameters(line);
    REQUIRE(read.parameters.size() == 1);
    CHECK(read.parameters.front().second == std::string(100, 'x'));
    std::string several = "a/b";
    for (int i = 0; i < 500; ++i) several += ";n=x";
    CHECK(read_field_parameters(several).parameters.size() == 100);
}

}  // namespace field_parameters_test
