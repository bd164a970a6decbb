#include "http/page/static_files.hpp"

#include <set>

#include <boost/json/parse.hpp>

#include "http/handlers.hpp"
#include "http/wire/content_coding.hpp"
#include "test/catch.hpp"

namespace static_files_test {

using namespace postern::http;

namespace {

const std::string script = "import './dom.js';\n" + std::string(2000, ' ');
const static_file files[] = {{"index.html", R"(<script src="/assets/app.js"></script><a href="/assets">)"},
                             {"app.js", script},
                             {"css/base.css", "a{}"},
                             {"icon.png", "\x89PNG"}};

request accepting(const char* codings) {
    request r;
    r.method = verb::get;
    if (*codings != '\0') r.fields.set(boost::beast::http::field::accept_encoding, codings);
    return r;
}

std::string field_of(const response& r, std::string_view name) {
    for (const auto& [known, value] : r.fields) {
        if (known == name) return value;
    }
    return {};
}

}  // namespace

TEST_CASE("a file is found by its path, in the coding the client likes, with a tag for each") {
    const static_files page(files);
    const auto plain = page.find("app.js", accepting(""));
    REQUIRE(plain.has_value());
    CHECK(plain->content_type == "text/javascript; charset=utf-8");
    CHECK(std::get<std::string>(plain->body) == script);
    CHECK(plain->cache_control == "no-cache");
    CHECK(field_of(*plain, "Vary") == "Accept-Encoding");
    const auto brotli = page.find("app.js", accepting("gzip, br"), true);
    CHECK(field_of(*brotli, "Content-Encoding") == "br");
    CHECK(brotli->etag == plain->etag + "-br");
    CHECK(brotli->cache_control == "public, max-age=31536000, immutable");
    CHECK(brotli->body_size() < 200);
    CHECK(page.find("app.js", accepting("gzip"))->etag == plain->etag + "-gzip");
    // Not shorter, or not text: as it is.
    CHECK(field_of(*page.find("css/base.css", accepting("br")), "Content-Encoding").empty());
    CHECK(page.find("icon.png", accepting("br"))->content_type == "image/png");
    for (const auto* path : {"", "app", "/app.js", "css", "css/../app.js", "APP.JS"})
        CHECK_FALSE(page.find(path, accepting("")).has_value());
}

TEST_CASE("the index names its files under a version that changes with any of them") {
    const static_files page(files);
    CHECK(page.version().size() == 16);
    CHECK(std::get<std::string>(page.find("index.html", accepting(""))->body) ==
          "<script src=\"/assets/" + page.version() + "/app.js\"></script><a href=\"/assets\">");
    const static_file changed[] = {files[0], files[1], {"css/base.css", "b{}"}, files[3]};
    CHECK(static_files(changed).version() != page.version());
    CHECK(static_files(files).version() == page.version());
}

TEST_CASE("the API's description has every route of the API with its methods, and no other") {
    std::set<std::pair<std::string, std::string>> described;
    std::set<std::pair<std::string, std::string>> served;
    const auto document = boost::json::parse(embedded_documents().front().octets);
    CHECK(document.at("openapi").as_string().starts_with("3.1."));
    for (const auto& path : document.at("paths").as_object()) {
        for (const auto& operation : path.value().as_object()) {
            described.emplace(path.key(), operation.key());
            const auto& o = operation.value().as_object();
            CHECK(o.contains("operationId"));
            CHECK(o.at("responses").as_object().contains("default"));
            // Every parameter of the path is described.
            const std::string pattern(path.key());
            const auto braces = static_cast<std::size_t>(std::ranges::count(pattern, '{'));
            std::size_t parameters = 0;
            if (const auto* list = o.if_contains("parameters")) {
                for (const auto& p : list->as_array()) parameters += p.as_object().contains("in") && p.at("in") == "path";
            }
            CAPTURE(pattern);
            CHECK(parameters == braces);
        }
    }
    for (const auto& r : api_routes()) {
        if (!r.pattern.starts_with("/api/") && !r.pattern.ends_with("z") && r.pattern != "/metrics")
            continue;  // the page is no part of the API
        std::string method(boost::beast::http::to_string(r.method));
        std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
        served.emplace(r.pattern, method);
        // Whoever may do without credentials, and what it takes, is said too.
        const auto& operation =
            document.at("paths").at(boost::json::string_view(r.pattern.data(), r.pattern.size())).at(method).as_object();
        CAPTURE(r.pattern, method);
        CHECK((r.needs == access::anyone) == (operation.contains("security") && operation.at("security").as_array().empty()));
        CHECK((r.body != body_kind::none) == operation.contains("requestBody"));
    }
    CHECK(described == served);
}

}  // namespace static_files_test
