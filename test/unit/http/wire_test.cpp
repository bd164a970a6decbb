// What fields of a request ask for: ranges, tags, codings, cookies.
#include <brotli/decode.h>

#include "http/wire/byte_range.hpp"
#include "http/wire/content_coding.hpp"
#include "http/wire/cookies.hpp"
#include "http/wire/entity_tag.hpp"
#include "http/wire/negotiation.hpp"
#include "http/wire/origin.hpp"
#include "test/catch.hpp"
#include "test/gunzip.hpp"

namespace wire_test {

using namespace postern::http;
using boost::beast::http::field;
using postern::test::gunzip;

namespace {

std::string unbrotli(const std::string& octets) {
    std::string out(1 << 20, '\0');
    auto size = out.size();
    CHECK(BrotliDecoderDecompress(octets.size(), reinterpret_cast<const std::uint8_t*>(octets.data()), &size,
                                  reinterpret_cast<std::uint8_t*>(out.data())) == BROTLI_DECODER_RESULT_SUCCESS);
    out.resize(size);
    return out;
}

/// Ten octets, which can be had in part.
class digits final : public body_source {
public:
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    bool narrow(std::uint64_t first, std::uint64_t count) override {
        first_ = first;
        size_ = count;
        return true;
    }
    postern::net::awaitable<std::string> next() override { co_return std::string(); }
    std::uint64_t first_ = 0;
    std::uint64_t size_ = 10;
};

request asking(verb method, std::initializer_list<std::pair<field, const char*>> fields) {
    request r;
    r.method = method;
    for (const auto& [name, value] : fields) r.fields.set(name, value);
    return r;
}

std::string field_of(const response& r, std::string_view name) {
    for (const auto& [known, value] : r.fields) {
        if (known == name) return value;
    }
    return {};
}

response tagged(std::string body = "{}") {
    auto r = json_response(std::move(body));
    r.etag = "7";
    return r;
}

}  // namespace

TEST_CASE("a range is read as RFC 9110 14.1.1 says, and what is not understood is ignored") {
    using enum byte_range::kind;
    const auto [text, size, expected] = GENERATE(table<std::string, std::uint64_t, byte_range>({
        {"bytes=0-499", 10'000, {part, 0, 500}},  // the RFC's own examples
        {"bytes=500-999", 10'000, {part, 500, 500}},
        {"bytes=-500", 10'000, {part, 9500, 500}},
        {"bytes=9500-", 10'000, {part, 9500, 500}},
        {"Bytes=0-0", 10, {part, 0, 1}},  // units have no case
        {"bytes= 1-2 ", 10, {part, 1, 2}},
        {"bytes=5-99", 10, {part, 5, 5}},  // cut at the end
        {"bytes=-99", 10, {part, 0, 10}},  // all of it
        {"bytes=10-", 10, {unsatisfiable}},
        {"bytes=10-12", 10, {unsatisfiable}},
        {"bytes=-0", 10, {unsatisfiable}},
        {"bytes=0-", 0, {unsatisfiable}},
        {"bytes=-5", 0, {whole}},
        {"bytes=99999999999999999999-", 10, {unsatisfiable}},
        {"bytes=1-99999999999999999999", 10, {part, 1, 9}},
        {"bytes=5-2", 10, {whole}},      // invalid: ignored
        {"bytes=0-1,3-4", 10, {whole}},  // several: may be ignored
        {"bytes=", 10, {whole}},
        {"bytes=-", 10, {whole}},
        {"bytes=a-b", 10, {whole}},
        {"bytes=1-b", 10, {whole}},
        {"bytes=+1-2", 10, {whole}},
        {"items=0-1", 10, {whole}},
        {"", 10, {whole}},
    }));
    CAPTURE(text);
    CHECK(read_range(text, size) == expected);
}

TEST_CASE("a tag is found in a list of them") {
    const auto [list, weak, strong] = GENERATE(table<std::string, bool, bool>({
        {R"("7")", true, true},
        {R"("1", "7")", true, true},
        {R"(W/"7")", true, false},
        {R"("1",,  W/"2" ,"7")", true, true},
        {R"("7-gzip")", true, true},  // the same, compressed
        {R"("7-br")", true, true},
        {"*", true, true},
        {R"("17")", false, false},
        {R"("7-x")", false, false},
        {"7", false, false},
        {R"("1" "7")", false, false},
        {R"(w/"7")", false, false},
        {R"("1)", false, false},
        {"", false, false},
        {",", false, false},
    }));
    CAPTURE(list);
    CHECK(find_tag(list, "7", tag_comparison::weak).has_value() == weak);
    CHECK(find_tag(list, "7-br", tag_comparison::weak).has_value() == weak);  // what would be sent is compressed already
    CHECK(find_tag(list, "7", tag_comparison::strong).has_value() == strong);
}

TEST_CASE("the coding a client likes best is chosen") {
    using enum content_coding;
    const auto [field, expected] = GENERATE(table<std::string, content_coding>({
        {"", identity},
        {"gzip, deflate, br", brotli},  // a browser
        {"gzip", gzip},
        {"x-gzip", gzip},
        {"GZIP;Q=0.5", gzip},
        {"br;q=0.5, gzip;q=0.8", gzip},
        {"br;q=0, gzip", gzip},
        {"*", brotli},
        {"*;q=0.1, br;q=0", gzip},
        {"gzip;q=0.5, identity", identity},
        {"gzip;q=0", identity},
        {"identity;q=0", identity},
        {"deflate", identity},
        {"gzip;q=2", identity},  // malformed elements say nothing
        {"gzip;q=0.5555", identity},
        {"gzip;q=", identity},
        {"gzip;level=9", identity},
        {",, gzip ;q=1.000 ,", gzip},
    }));
    CAPTURE(field);
    CHECK(choose_coding(field) == expected);
}

TEST_CASE("what is compressed is the same again, in either coding and with either effort") {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i % 77) + "\n";
    const auto e = GENERATE(effort::quick, effort::thorough);
    for (const auto& octets : {text, std::string()}) {
        CHECK(gunzip(compress(octets, content_coding::gzip, e)) == octets);
        CHECK(unbrotli(compress(octets, content_coding::brotli, e)) == octets);
    }
    CHECK(compress(text, content_coding::brotli, e).size() < text.size() / 4);
}

TEST_CASE("text is worth compressing, pictures are not") {
    for (const auto* type :
         {"text/html; charset=utf-8", "application/json", "application/problem+json", "text/javascript", "image/svg+xml"}) {
        CHECK(is_compressible(type));
    }
    for (const auto* type : {"image/png", "message/rfc822", "application/octet-stream", ""}) CHECK_FALSE(is_compressible(type));
}

TEST_CASE("a cookie is found by its whole name, and not when somebody set a second one") {
    CHECK(find_cookie("a=1; session=xyz; b=2", "session") == "xyz");
    CHECK(find_cookie("session=x=y", "session") == "x=y");
    CHECK(find_cookie("session=", "session") == "");
    CHECK(find_cookie("mysession=1; session2=2;session", "session") == std::nullopt);
    CHECK(find_cookie("session=1; session=2", "session") == std::nullopt);
    CHECK(find_cookie("", "session") == std::nullopt);
    CHECK(secret_cookie("s", "v", std::chrono::hours(1), true) ==
          "s=v; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict; Secure");
    CHECK(secret_cookie("s", "", {}, false) == "s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
}

TEST_CASE("who has the present state is told so") {
    const auto same = apply_conditions(asking(verb::get, {{field::if_none_match, R"("3", "7-gzip")"}}), tagged());
    CHECK(same.code == status::not_modified);
    CHECK(same.etag == "7-gzip");  // the one of the representation the client has
    CHECK(same.body_size() == 0);
    CHECK(apply_conditions(asking(verb::get, {{field::if_none_match, R"("3")"}}), tagged()).code == status::ok);
    CHECK(apply_conditions(asking(verb::post, {{field::if_none_match, "*"}}), tagged()).code == status::ok);
    CHECK(apply_conditions(asking(verb::get, {{field::if_none_match, "*"}}), json_response("{}")).code == status::ok);
}

TEST_CASE("a body that can be had in part is, for GET and if it is still the same") {
    const auto ask = [](verb method, std::initializer_list<std::pair<field, const char*>> fields,
                        const std::shared_ptr<digits>& body) {
        response r{status::ok, "image/png", {}, body};
        r.etag = "7";
        return apply_conditions(asking(method, fields), std::move(r));
    };
    auto body = std::make_shared<digits>();
    const auto part = ask(verb::get, {{field::range, "bytes=2-4"}}, body);
    CHECK(part.code == status::partial_content);
    CHECK(field_of(part, "Content-Range") == "bytes 2-4/10");
    CHECK(part.body_size() == 3);
    CHECK(body->first_ == 2);

    const auto beyond = ask(verb::get, {{field::range, "bytes=10-"}}, std::make_shared<digits>());
    CHECK(beyond.code == status::range_not_satisfiable);
    CHECK(field_of(beyond, "Content-Range") == "bytes */10");

    for (const auto& [method, fields] : std::initializer_list<std::pair<verb, std::pair<const char*, const char*>>>{
             {verb::head, {"bytes=2-4", ""}},                                 // RFC 9110 14.2: GET only
             {verb::get, {"bytes=2-4", R"("6")"}},                            // it has changed
             {verb::get, {"bytes=2-4", R"(W/"7")"}},                          // a weak tag is not enough
             {verb::get, {"bytes=2-4", "Mon, 23 Nov 2026 00:00:00 GMT"}}}) {  // a date we never gave
        auto r = asking(method, {{field::range, fields.first}});
        if (*fields.second != '\0') r.fields.set(field::if_range, fields.second);
        response whole{status::ok, "image/png", {}, std::make_shared<digits>()};
        whole.etag = "7";
        const auto answer = apply_conditions(r, std::move(whole));
        CHECK(answer.code == status::ok);
        CHECK(answer.body_size() == 10);
        CHECK(field_of(answer, "Accept-Ranges") == "bytes");
    }
    CHECK(ask(verb::get, {{field::range, "bytes=2-4"}, {field::if_range, R"("7")"}}, std::make_shared<digits>()).body_size() ==
          3);
}

TEST_CASE("who asks is believed from listed proxies only, up to the first that is not one") {
    const std::vector<std::string> networks{"10.0.0.0/8", "2001:db8:1::/48"};
    const postern::net::network_list trusted(networks);
    struct row {
        std::string direct;
        std::vector<std::string> forwarded;
        std::string client;
    };
    const auto c = GENERATE(values<row>({
        {"192.0.2.1", {"203.0.113.9"}, "192.0.2.1"},                        // no proxy of ours: not believed
        {"10.0.0.1", {}, "10.0.0.1"},                                       // the proxy itself
        {"10.0.0.1", {"203.0.113.9"}, "203.0.113.9"},                       //
        {"10.0.0.1", {"198.51.100.1, 203.0.113.9"}, "203.0.113.9"},         // what stands before it the client made up
        {"10.0.0.1", {"127.0.0.1,203.0.113.9 , 10.0.0.2"}, "203.0.113.9"},  // two proxies of ours
        {"10.0.0.1", {"198.51.100.1", "203.0.113.9"}, "203.0.113.9"},       // two lines are one list
        {"10.0.0.1", {"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},                   // all ours: the farthest
        {"10.0.0.1", {"203.0.113.9:4711"}, "203.0.113.9"},                  // some write a port
        {"10.0.0.1", {"[2001:db8::7]:4711"}, "2001:db8::7"},                //
        {"10.0.0.1", {"2001:db8::7"}, "2001:db8::7"},                       //
        {"10.0.0.1", {"::ffff:203.0.113.9"}, "203.0.113.9"},                //
        {"10.0.0.1", {"203.0.113.9, unknown"}, "10.0.0.1"},                 // who cannot be read is not skipped
        {"10.0.0.1", {"203.0.113.9, fe80::1%eth0"}, "10.0.0.1"},            //
        {"10.0.0.1", {"203.0.113.9,"}, "10.0.0.1"},                         //
        {"10.0.0.1", {"[2001:db8::7"}, "2001:db8::7"},                      //
        {"2001:db8:1::5", {"203.0.113.9"}, "203.0.113.9"},                  //
    }));
    boost::beast::http::fields fields;
    for (const auto& each : c.forwarded) fields.insert("X-Forwarded-For", each);
    fields.set("Forwarded", "for=198.51.100.77;proto=https");  // never read
    const auto from = origin_of(fields, {boost::asio::ip::make_address(c.direct), false}, trusted);
    CHECK(from.address.to_string() == c.client);
    CHECK_FALSE(from.secure);
}

TEST_CASE("whether a request came through TLS a listed proxy says, and nobody else") {
    const std::vector<std::string> networks{"10.0.0.0/8"};
    const postern::net::network_list trusted(networks);
    const auto secure = [&](const char* direct, bool tls, const char* proto) {
        boost::beast::http::fields fields;
        if (*proto != '\0') fields.set("X-Forwarded-Proto", proto);
        return origin_of(fields, {boost::asio::ip::make_address(direct), tls}, trusted).secure;
    };
    CHECK(secure("10.0.0.1", false, "https"));
    CHECK_FALSE(secure("10.0.0.1", true, "http"));  // TLS between the proxy and us says nothing of the client
    CHECK_FALSE(secure("10.0.0.1", false, "https, http"));
    CHECK_FALSE(secure("10.0.0.1", false, ""));
    CHECK(secure("10.0.0.1", true, ""));
    CHECK_FALSE(secure("192.0.2.1", false, "https"));
    CHECK(secure("192.0.2.1", true, "http"));
}

}  // namespace wire_test
