#include "config/text.hpp"

#include <string>

#include "test/catch.hpp"

namespace text_test {

using namespace postern::config;

TEST_CASE("a database URL is shown without its password, however it is written") {
    const auto [url, shown] = GENERATE(table<std::string, std::string>({
        {"sqlite:///var/lib/postern/postern.db", "sqlite:///var/lib/postern/postern.db"},
        {"postgresql://db.test/mail", "postgresql://db.test/mail"},
        {"postgresql://mail@db.test:5432/mail", "postgresql://mail@db.test:5432/mail"},
        {"postgresql://mail:hunter2@db.test:5432/mail", "postgresql://mail:***@db.test:5432/mail"},
        {"postgresql://mail:@db.test/mail", "postgresql://mail:***@db.test/mail"},
        {"postgresql://a:hunter2@one.test:1,two.test:2/mail", "postgresql://a:***@one.test:1,two.test:2/mail"},
        // without the escapes the URL asks for
        {"postgresql://mail:hunter2@x@db.test/mail", "postgresql://mail:***@db.test/mail"},
        {"postgresql://mail:hunter/2?@db.test/mail", "postgresql://mail:***@db.test/mail"},
        // as a parameter
        {"postgresql://db.test/mail?user=a&password=hunter2", "postgresql://db.test/mail?user=a&password=***"},
        {"postgresql://db.test/mail?password=hunter2&user=a", "postgresql://db.test/mail?password=***"},
        {"postgresql://db.test/mail?sslpassword=hunter2", "postgresql://db.test/mail?sslpassword=***"},
        {"postgresql://db.test/mail?p%61ssword=hunter2", "postgresql://db.test/mail?p%61ssword=***"},
        {"postgresql://db.test/mail?password=hunter2@x", "postgresql://db.test/mail?password=***"},
        {"postgresql:///mail?host=/run/postgresql&options=-c%20a=b",
         "postgresql:///mail?host=/run/postgresql&options=-c%20a=b"},
        // no URL at all: nothing of it is shown
        {"host=db.test password=hunter2", "***"},
        {"", "***"},
    }));
    CHECK(without_password(url) == shown);
    CHECK_FALSE(without_password(url).contains("hunter"));
}

TEST_CASE("a value is shown in quotes on one line") {
    CHECK(in_quotes("a b") == R"("a b")");
    CHECK(in_quotes("") == R"("")");
    CHECK(in_quotes("say \"x\\y\"") == R"("say \"x\\y\"")");
    CHECK(in_quotes("a\nb\x1b[31m\x7f") == R"("a\x0ab\x1b[31m\x7f")");  // no second line, no colours
    CHECK(in_quotes("b\xc3\xbc"
                    "cher") ==
          "\"b\xc3\xbc"
          "cher\"");
    CHECK(in_quotes("\xff") == R"("\xff")");
    CHECK(in_quotes(std::string(101, 'x')) == '"' + std::string(100, 'x') + "...\"");
    CHECK(in_quotes(std::string(99, 'x') + "\xc3\xbc") == '"' + std::string(99, 'x') + "\\xc3...\"");  // cut inside a character
}

TEST_CASE("the nearest name is offered when it is near") {
    const std::vector<std::string> names{"smtp.listen", "http.listen", "log.level", "log.format"};
    CHECK(nearest("smtp.lisen", names) == "smtp.listen");
    CHECK(nearest("smpt.listen", names) == "smtp.listen");
    CHECK(nearest("log.levle", names) == "log.level");
    CHECK(nearest("log.levels", names) == "log.level");
    CHECK(nearest("database.url", names).empty());
    CHECK(nearest("", names).empty());
    CHECK(nearest(std::string(100'000, 'x'), names).empty());
    CHECK(nearest("lst", {"list", "remove"}) == "list");
}

}  // namespace text_test
