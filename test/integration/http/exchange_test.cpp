// What lies between handlers and clients: validators, parts, codings, TLS, live bodies, the page's files.
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "api_server.hpp"
#include "http/event_stream.hpp"
#include "net/pending.hpp"
#include "net/self_signed_certificate.hpp"
#include "test/gunzip.hpp"
#include "test/wait.hpp"

namespace exchange_test {

using namespace postern;
using test::api_server;
using test::gunzip;
using test::http_client;
using namespace std::chrono_literals;

namespace {

std::string long_text() {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += "{\"line\":" + std::to_string(i % 100) + "}\n";
    return text;
}

net::awaitable<http::outcome<http::response>> tagged(http::request_context& c) {
    auto r = http::json_response(R"({"is":")" + (c.query.find("long") ? long_text() : std::string("short")) + "\"}");
    r.etag = "5";
    co_return r;
}

net::awaitable<http::outcome<http::response>> change(http::request_context& c) {
    if (const auto same = c.check_match("5"); !same) co_return std::unexpected(same.error());
    co_return http::json_response(R"({"size":)" + std::to_string(c.request.body.size()) + "}");
}

std::vector<std::shared_ptr<net::pending<bool>>> held;  // touched on the loop only

net::awaitable<http::outcome<http::response>> hold(http::request_context& /*c*/) {
    held.push_back(std::make_shared<net::pending<bool>>());
    const auto mine = held.back();
    co_await mine->wait();
    co_return http::json_response("{}");
}

net::awaitable<std::size_t> count_held() { co_return held.size(); }
net::awaitable<void> release() {
    for (const auto& one : held) one->complete(true);
    held.clear();
    co_return;
}

std::vector<std::weak_ptr<http::event_stream>> streams;  // touched on the loop only

net::awaitable<http::outcome<http::response>> listen(http::request_context& /*c*/) {
    auto events = std::make_shared<http::event_stream>(co_await boost::asio::this_coro::executor, 100ms);
    streams.push_back(events);
    co_return http::event_response(std::move(events));
}

net::awaitable<std::size_t> count_streams() { co_return streams.size(); }
net::awaitable<bool> push(std::string text) {
    const auto stream = streams.back().lock();
    co_return stream != nullptr && stream->push(text);
}
net::awaitable<void> end() {
    if (const auto stream = streams.back().lock()) stream->end();
    co_return;
}

std::vector<http::route> routes() {
    streams.clear();
    auto all = http::api_routes();
    all.push_back({http::verb::get, "/tagged", http::access::anyone, {"long"}, tagged});
    all.push_back({http::verb::patch, "/tagged", http::access::anyone, {}, change, http::body_kind::json});
    all.push_back({http::verb::post, "/upload", http::access::send, {}, change, http::body_kind::json_or_form});
    all.push_back({http::verb::post, "/hold", http::access::anyone, {}, hold, http::body_kind::json_or_form});
    all.push_back({http::verb::get, "/listen", http::access::anyone, {}, listen});
    return all;
}

/// Begins to listen, and waits until the server knows.
void begin_listening(api_server& api, http_client& client, const std::string& version = "1.1") {
    client.send("GET /listen HTTP/" + version + "\r\nHost: a\r\n\r\n");
    test::wait_until([&] { return api.on_loop(count_streams()) > 0; });
}

}  // namespace

TEST_CASE("who has the present state is spared it, and who changes another is told") {
    api_server api(test::engine::sqlite, {}, routes());
    api.start();
    http_client client(api.at);
    const auto first = client.get("/tagged");
    CHECK(first.field("ETag") == "\"5\"");
    const auto again = client.get("/tagged", "If-None-Match: \"5\"\r\n");
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(again.field("ETag") == "\"5\"");
    CHECK(client.get("/tagged", "If-None-Match: \"4\"\r\n").status == 200);

    CHECK(client.send_json("PATCH", "/tagged", "{}").status == 200);
    CHECK(client.send_json("PATCH", "/tagged", "{}", "If-Match: \"4\", \"5\"\r\n").status == 200);
    problem_of(client.send_json("PATCH", "/tagged", "{}", "If-Match: \"4\"\r\n"), 412);
    problem_of(client.send_json("PATCH", "/tagged", "{}", "If-Match: W/\"5\"\r\n"), 412);
}

TEST_CASE("a part of a message is had by its range, of a small one and of one read in pieces") {
    const auto on = ON_BOTH_DATABASES;
    config::limit_settings limits;
    limits.memory_message_size = 100'000;
    api_server api(on, limits);
    const auto size = GENERATE(std::size_t{1000}, std::size_t{300'000});
    std::string octets = "Subject: parts\r\n\r\n";
    while (octets.size() < size) octets += std::to_string(octets.size()) + "\r\n";
    const auto id = core::to_string(api.deliver(octets, {api.alice}));
    api.start();
    http_client client(api.at);
    const auto raw = "/api/v1/messages/" + id + "/raw";
    const auto part = client.get(raw, api.as_alice + "Range: bytes=10-700\r\n");
    CHECK(part.status == 206);
    CHECK(part.body == octets.substr(10, 691));
    CHECK(part.field("Content-Range") == "bytes 10-700/" + std::to_string(octets.size()));
    const auto tag = part.field("ETag");
    CHECK(client.get(raw, api.as_alice + "Range: bytes=0-0\r\nIf-Range: " + tag + "\r\n").body == octets.substr(0, 1));
    CHECK(client.get(raw, api.as_alice + "Range: bytes=0-0\r\nIf-Range: \"other\"\r\n").body == octets);
    CHECK(client.get(raw, api.as_alice + "If-None-Match: " + tag + "\r\n").status == 304);
    const auto last = client.get(raw, api.as_alice + "Range: bytes=-5\r\n");
    CHECK(last.body == octets.substr(octets.size() - 5));
    // What was broken off goes on where it stopped.
    const auto rest = client.get(raw, api.as_alice + "Range: bytes=" + std::to_string(octets.size() / 2) + "-\r\n");
    CHECK(rest.body == octets.substr(octets.size() / 2));
    const auto beyond = client.get(raw, api.as_alice + "Range: bytes=999999999-\r\n");
    problem_of(beyond, 416);
    CHECK(beyond.field("Content-Range") == "bytes */" + std::to_string(octets.size()));
    CHECK(client.get(raw, api.as_alice + "Range: bytes=0-1,4-5\r\n").body == octets);
    const auto head = client.request("HEAD", raw, api.as_alice + "Range: bytes=0-1\r\n");
    CHECK(head.status == 200);
    CHECK(head.field("Accept-Ranges") == "bytes");
}

TEST_CASE("long text goes out compressed to whoever likes it so, with a tag of its own") {
    api_server api(test::engine::sqlite, {}, routes());
    api.start();
    http_client client(api.at);
    const auto plain = client.get("/tagged?long=1");
    CHECK(plain.field("Content-Encoding").empty());
    CHECK(plain.field("Vary") == "Accept-Encoding");
    const auto gzip = client.get("/tagged?long=1", "Accept-Encoding: gzip, br;q=0.5\r\n");
    CHECK(gzip.field("Content-Encoding") == "gzip");
    CHECK(gzip.field("ETag") == "\"5-gzip\"");
    CHECK(gzip.body.size() < plain.body.size() / 10);
    CHECK(gunzip(gzip.body) == plain.body);
    CHECK(client.get("/tagged?long=1", "Accept-Encoding: gzip, deflate, br\r\n").field("Content-Encoding") == "br");
    CHECK(client.get("/tagged?long=1", "If-None-Match: \"5-gzip\"\r\n").status == 304);
    CHECK(client.get("/tagged", "Accept-Encoding: gzip\r\n").field("Content-Encoding").empty());  // short
    const auto head = client.request("HEAD", "/tagged?long=1", "Accept-Encoding: gzip\r\n");
    CHECK(head.field("Content-Length") == std::to_string(gzip.body.size()));
}

TEST_CASE("a body that holds attachments has a limit of its own, and may come as a form") {
    config::limit_settings limits;
    limits.http_body_size = 1024;
    limits.http_upload_size = 200'000;
    api_server api(test::engine::sqlite, limits, routes());
    api.start();
    const auto upload = [&](const std::string& type, std::size_t size, const std::string& target = "/upload") {
        http_client client(api.at);
        std::string body = R"({"x":")";
        body.append(size - body.size() - 2, 'a').append("\"}");
        return client.request_with(target == "/upload" ? "POST" : "PATCH", target,
                                   api.as_alice + "Content-Type: " + type + "\r\n", body);
    };
    CHECK(upload("application/json", 200'000).json().at("size") == 200'000);
    CHECK(upload("multipart/form-data; boundary=x", 200'000).json().at("size") == 200'000);
    problem_of(upload("application/json", 200'001), 413);
    problem_of(upload("application/json", 1025, "/tagged"), 413);
    problem_of(upload("multipart/form-data; boundary=x", 1000, "/tagged"), 415);
    problem_of(upload("text/plain", 1000), 415);
}

TEST_CASE("all bodies together have a limit too: who comes when it is used up is sent away, and finds room afterwards") {
    config::limit_settings limits;
    limits.http_upload_size = 200'000;
    api_server api(test::engine::sqlite, limits, routes());
    api.start();
    const std::string body = "{\"x\":\"" + std::string(200'000 - 8, 'a') + "\"}";
    const auto head = "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n";
    std::vector<std::unique_ptr<http_client>> holders;
    for (std::size_t i = 0; i < 4; ++i) {
        holders.push_back(std::make_unique<http_client>(api.at));
        holders.back()->send(head + body);
        test::wait_until([&] { return api.on_loop(count_held()) == i + 1; });
    }
    http_client fifth(api.at);
    const auto refused = fifth.send_json("POST", "/upload", "{}", api.as_alice);
    problem_of(refused, 503);
    CHECK(refused.field("Retry-After") == "5");
    api.on_loop(release());
    for (auto& holder : holders) CHECK(holder->read()->status == 200);
    CHECK(http_client(api.at).send_json("POST", "/upload", "{}", api.as_alice).status == 200);
}

TEST_CASE("the page's files come with their policies, its assets for ever under their version") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    const auto page = client.get("/");
    CHECK(page.status == 200);
    CHECK(page.field("Content-Type") == "text/html; charset=utf-8");
    CHECK_THAT(page.field("Content-Security-Policy"),
               Catch::Contains("default-src 'none'; script-src 'self'; style-src 'self'") &&
                   Catch::Contains("frame-ancestors 'none'") && !Catch::Contains("unsafe"));
    const auto from = page.body.find("/assets/", page.body.find("script"));
    const auto script = page.body.substr(from, page.body.find('"', from) - from);
    const auto versioned = client.get(script);
    CHECK(versioned.status == 200);
    CHECK(versioned.field("Cache-Control") == "public, max-age=31536000, immutable");
    CHECK(versioned.field("X-Content-Type-Options") == "nosniff");
    CHECK(client.get(script, "If-None-Match: " + versioned.field("ETag") + "\r\n").status == 304);
    const auto brotli = client.get(script, "Accept-Encoding: br\r\n");
    CHECK(brotli.field("Content-Encoding") == "br");
    CHECK(client.get(script, "Accept-Encoding: br\r\nIf-None-Match: " + brotli.field("ETag") + "\r\n").status == 304);
    CHECK(client.get("/assets/css/base.css").field("Cache-Control") == "no-cache");
    CHECK(client.get("/assets/0123456789abcdef/css/base.css").field("Cache-Control") == "no-cache");
    for (const auto* path : {"/assets/nothing.js", "/assets/index.html", "/assets/css", "/index.html", "/inbox", "/assets/"}) {
        CAPTURE(path);
        problem_of(client.get(path), 404);
    }
    const auto policy = [&](const char* path) { return client.get(path).field("Content-Security-Policy"); };
    CHECK_THAT(policy("/frame"), Catch::Contains("img-src 'self' data:;") && Catch::Contains("sandbox") &&
                                     !Catch::Contains("script") && Catch::Contains("frame-ancestors 'self'"));
    CHECK_THAT(policy("/frame?images=1"), Catch::Contains("img-src 'self' data: https: http:;") && !Catch::Contains("script"));
    problem_of(client.get("/frame?images=2"), 400);
    CHECK(client.get("/api/v1/openapi.json").json().at("openapi") == "3.1.0");
}

TEST_CASE("metrics are for those that may ask, and hold no name") {
    api_server api(test::engine::sqlite);
    api.start();
    http_client client(api.at);
    client.get("/api/v1/account", api.as_alice);
    client.get("/nothing");
    const auto seen = client.get("/metrics");
    CHECK(seen.status == 200);
    CHECK(seen.field("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
    CHECK_THAT(seen.body, Catch::Contains("postern_http_requests_total{code=\"2xx\"} 1\n") &&
                              Catch::Contains("postern_http_requests_total{code=\"4xx\"} 1\n") &&
                              Catch::Contains("postern_http_request_seconds_count 2\n") && !Catch::Contains("alice"));
    // Through a proxy anybody may come.
    problem_of(client.get("/metrics", "X-Forwarded-For: 203.0.113.9\r\n"), 404);
    problem_of(client.get("/metrics", "Forwarded: for=203.0.113.9\r\n"), 404);
}

TEST_CASE("events are sent as they happen, with a word now and then, until one of the two ends it") {
    api_server api(test::engine::sqlite, {}, routes());
    api.start();
    http_client client(api.at);
    begin_listening(api, client);
    CHECK(api.on_loop(push(http::event_text("message", R"({"id":"1"})", "a1"))));
    std::string seen;
    while (!seen.contains("event: message\nid: a1\ndata: {\"id\":\"1\"}\n\n") || !seen.contains(": keep-alive\n\n")) {
        seen += client.read_some();
    }
    CHECK_THAT(seen, Catch::StartsWith("HTTP/1.1 200 OK\r\n") && Catch::Contains("Content-Type: text/event-stream\r\n") &&
                         Catch::Contains("Transfer-Encoding: chunked\r\n") && Catch::Contains("retry: 3000\n\n"));
    CHECK_FALSE(seen.contains("Content-Length"));
    api.on_loop(end());
    while (!seen.ends_with("0\r\n\r\n")) seen += client.read_some();
    CHECK(client.get("/healthz").status == 200);  // the connection goes on
}

TEST_CASE("a 1.0 client, which knows no chunks, gets events up to the connection's end") {
    api_server api(test::engine::sqlite, {}, routes());
    api.start();
    http_client client(api.at);
    begin_listening(api, client, "1.0");
    api.on_loop(push(http::event_text("message", "{}", "1")));
    api.on_loop(end());
    const auto all = client.drain();
    CHECK_FALSE(all.contains("chunked"));
    CHECK(all.contains("Connection: close\r\n"));
    CHECK(all.ends_with("event: message\nid: 1\ndata: {}\n\n"));
}

TEST_CASE("a stop ends live bodies at once, in order") {
    api_server api(test::engine::sqlite, {}, routes());
    api.start();
    http_client client(api.at);
    begin_listening(api, client);
    auto stopped = boost::asio::co_spawn(api.db.loop, api.server.stop(30s), boost::asio::use_future);
    CHECK(client.drain().ends_with("0\r\n\r\n"));
    client.half_close();
    CHECK(stopped.get());
}

TEST_CASE("a client that reads its events too slowly is cut off") {
    config::limit_settings limits;
    limits.http_request_timeout = 1s;
    api_server api(test::engine::sqlite, limits, routes());
    api.start();
    http_client client(api.at);
    begin_listening(api, client);
    const auto text = http::event_text("message", std::string(16'000, 'x'), "1");
    while (api.on_loop(push(text))) {
    }
    api.wait_for_connections(0);
}

TEST_CASE("within TLS the same is served, and browsers are told to stay there") {
    api_server api(test::engine::sqlite);
    const auto pem = net::make_self_signed_certificate("mx.example.test", api.db.clock.now());
    std::vector<net::tls_certificate> certificates;
    certificates.push_back(
        api.require(net::tls_certificate::parse(pem.certificate, pem.private_key, "certificate", "private key")));
    net::tls_server_context tls(std::move(certificates));
    REQUIRE(api.server.listen_in_tls({{"127.0.0.1", 0}}, tls));
    api.start();

    boost::asio::io_context io;
    boost::asio::ssl::context client_context(boost::asio::ssl::context::tls_client);
    boost::asio::ssl::stream<boost::asio::ip::tcp::socket> client(io, client_context);
    client.next_layer().connect(api.server.endpoints_in_tls().front());
    client.handshake(boost::asio::ssl::stream_base::client);
    const std::string body = R"({"login":"alice@example.test","password":"secret"})";
    const auto request =
        "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    boost::asio::write(client, boost::asio::buffer(request));
    std::string answer;
    std::vector<char> piece(4096);
    boost::system::error_code ended;
    while (!ended) answer.append(piece.data(), client.read_some(boost::asio::buffer(piece), ended));
    CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 201 Created\r\n") &&
                           Catch::Contains("Strict-Transport-Security: max-age=31536000\r\n") &&
                           Catch::Contains("; Secure\r\n"));

    // In the clear, nothing is served there.
    http_client plain(api.server.endpoints_in_tls().front());
    plain.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_FALSE(plain.drain().starts_with("HTTP/"));
    CHECK(http_client(api.at).get("/healthz").field("Strict-Transport-Security").empty());
    api.stop();
}

}  // namespace exchange_test
