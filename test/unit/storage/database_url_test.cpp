#include "storage/soci/database_url.hpp"

#include "test/catch.hpp"

namespace database_url_test {

using namespace postern::storage;

TEST_CASE("an SQLite URL names a file") {
    const auto [url, path] = GENERATE(table<std::string, std::string>({
        {"sqlite:///var/lib/postern/postern.db", "/var/lib/postern/postern.db"},
        {"sqlite:/var/lib/postern.db", "/var/lib/postern.db"},  // RFC 8089's short form, as for file:
        {"sqlite:var/postern.db", "var/postern.db"},            // from the working directory
        {"sqlite:///a%20b/c%25d", "/a b/c%d"},                  // RFC 3986 2.1
        {"sqlite:///a b=c\"d'e", "/a b=c\"d'e"},                // SOCI's own connect string would take this apart
    }));
    INFO(url);
    const auto parsed = parse_database_url(url);
    REQUIRE(parsed);
    CHECK(std::get<sqlite_location>(*parsed).path == path);
    CHECK(shown(*parsed) == path);
}

TEST_CASE("a database URL that cannot be right is refused with the reason") {
    const auto [url, reason] = GENERATE(table<std::string, std::string>({
        {"", "no database URL"},
        {"mysql://root@host/mail", "use sqlite:///"},
        {"/var/lib/postern.db", "use sqlite:///"},
        {"SQLITE:///x", "use sqlite:///"},
        {"sqlite:", "names a file"},
        {"sqlite:///", "names a file"},
        {"sqlite:///var/lib/", "names a file"},
        {"sqlite://host/file", "no host"},
        {"sqlite://relative.db", "no host"},
        {"sqlite::memory:", "in memory"},
        {"sqlite:///x?mode=memory", "no parameters"},
        {"sqlite:///x#y", "no parameters"},
        {"sqlite:///100%", "%25"},
        {"sqlite:///x%0", "%25"},
        {"sqlite:///x%zz", "%25"},
        {"sqlite:///x%00y", "%25"},
        {std::string("sqlite:///x\0y", 13), "NUL"},
        {"postgresql://host/name?no_such_parameter=1", "no_such_parameter"},
        {"postgresql://[::1/name", ""},
        {"postgresql://host:port/name", "port is not a number"},
    }));
    INFO(url);
    const auto parsed = parse_database_url(url);
    REQUIRE(!parsed);
    CHECK(parsed.error().code == errc::bad_url);
    CHECK_THAT(parsed.error().message(), Catch::Contains(reason));
}

TEST_CASE("no complaint about a URL repeats a password") {
    const auto url = GENERATE(as<std::string>{},                        //
                              "postgresql://user:se%zzcret@host/name",  // libpq quotes the token it cannot decode
                              "postgresql://user:se/cret@host/name",   // everything before the slash is taken for host and port
                              "postgresql://user:secret@[::1/name",    // libpq quotes the whole URI
                              "postgresql://user:secret@[::1]x/name",  //
                              "postgresql://user@host/name?password=se%zzcret",
                              "postgresql:/user:secret@host/name",  // not a URI form: the whole text could be anything
                              "user:secret");
    INFO(url);
    const auto parsed = parse_database_url(url);
    REQUIRE(!parsed);
    CHECK_THAT(parsed.error().message(), !Catch::Contains("cret"));
    CHECK_THAT(parsed.error().message(), !Catch::Contains("se%"));
}

TEST_CASE("the database's password may be given beside its URL, and is not shown") {
    const auto parsed = parse_database_url("postgresql://mail@db.test/mail", "p w'\\%=");
    REQUIRE(parsed);
    CHECK_THAT(std::get<postgresql_location>(*parsed).uri, Catch::Contains("&password=p%20w%27%5C%25%3D&"));
    CHECK(shown(*parsed) == "postgresql://mail@db.test/mail");
    for (const auto* url : {"postgresql://mail:other@db.test/mail", "postgresql://mail@db.test/mail?password=other"}) {
        const auto twice = parse_database_url(url, "secret");
        REQUIRE(!twice);
        CHECK(twice.error().code == errc::bad_url);
        CHECK_THAT(twice.error().message(), Catch::Contains("database.password is set as well"));
        CHECK_THAT(twice.error().message(), !Catch::Contains("secret") && !Catch::Contains("other"));
    }
}

TEST_CASE("a PostgreSQL URL is read by libpq, with every parameter and all hosts") {
    const auto parsed = parse_database_url(
        "postgres://us%20er:p%27w\\d@a.test:5433,b.test:5434/mail?target_session_attrs=read-write&connect_timeout=2"
        "&application_name=it%27s");
    REQUIRE(parsed);
    const auto& found = std::get<postgresql_location>(*parsed);
    const auto holds = [&found](const std::string& parameter) {
        return (found.uri + '&').find(parameter + '&') != std::string::npos;
    };
    CHECK(found.uri.starts_with("postgresql://?"));
    CHECK(holds("host=a.test%2Cb.test"));
    CHECK(holds("port=5433%2C5434"));
    CHECK(holds("user=us%20er"));
    CHECK(holds("password=p%27w%5Cd"));
    CHECK(holds("dbname=mail"));
    CHECK(holds("target_session_attrs=read-write"));
    CHECK(holds("connect_timeout=2"));        // the URL's word, not our default
    CHECK(holds("application_name=it%27s"));  // likewise
    CHECK(holds("tcp_user_timeout=20000"));   // where the URL is silent
    CHECK(holds("client_encoding=UTF8"));
    // What SOCI does not spoil: no blanks, and the first '=' ends a name.
    CHECK(found.uri.find(' ') == std::string::npos);
}

TEST_CASE("a PostgreSQL location is shown without its password") {
    const auto [url, text] = GENERATE(table<std::string, std::string>({
        {"postgresql://user:secret@host:5433/mail", "postgresql://user@host:5433/mail"},
        {"postgresql://host/mail?user=x&password=secret", "postgresql://x@host/mail"},
        {"postgresql:///mail?host=/run/postgresql", "postgresql:///run/postgresql/mail"},
        {"postgresql://a:1,b:2/mail", "postgresql://a:1,b:2/mail"},
        {"postgresql://a,b/mail?port=7", "postgresql://a:7,b:7/mail"},  // one port is for all hosts
    }));
    INFO(url);
    const auto parsed = parse_database_url(url);
    REQUIRE(parsed);
    CHECK(shown(*parsed) == text);
}

}  // namespace database_url_test
