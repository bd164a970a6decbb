#include <array>
#include <cstdio>
#include <memory>

#include "api_server.hpp"
#include "net/listener.hpp"

namespace curl_test {

using namespace postern;
using test::api_server;

namespace {

/// What curl prints, its errors included.
std::string curl(const std::string& arguments) {
    const auto command = "curl --silent --show-error --max-time 60 " + arguments + " 2>&1";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    REQUIRE(pipe != nullptr);
    std::string out;
    std::array<char, 4096> piece{};
    while (const auto n = fread(piece.data(), 1, piece.size(), pipe.get())) out.append(piece.data(), n);
    return out;
}

}  // namespace

TEST_CASE("curl lists, reads and saves mail") {
    api_server api(ON_BOTH_DATABASES);
    const std::string octets = "Subject: For curl\r\nContent-Disposition: attachment; filename=notes.txt\r\n\r\nhello\r\n";
    const auto id = core::to_string(api.deliver(octets, {api.alice}));
    api.start();
    const auto base = "http://" + net::to_string(api.at);
    const std::string sign_in = "--user alice@example.test:secret ";

    const auto list = boost::json::parse(curl(sign_in + base + "/api/v1/inbox"));
    CHECK(list.at("messages").at(0).at("subject") == "For curl");
    CHECK(curl(sign_in + base + "/api/v1/messages/" + id + "/raw") == octets);
    CHECK(curl(sign_in + base + "/api/v1/messages/" + id + "/attachments/1") == "hello\r\n");
    CHECK_THAT(curl(sign_in + "--head " + base + "/api/v1/messages/" + id + "/attachments/1"),
               Catch::Contains("Content-Disposition: attachment; filename=\"notes.txt\"\r\n"));
    CHECK(curl("--output /dev/null --write-out '%{http_code}' " + base + "/api/v1/inbox") == "401");
    CHECK(curl("--anyauth --output /dev/null --write-out '%{http_code}' " + sign_in + base + "/api/v1/inbox") == "200");
    CHECK(curl(sign_in + "--http1.0 --output /dev/null --write-out '%{http_code}' " + base + "/api/v1/account") == "200");
    // Three requests, one connection.
    CHECK(curl("--output /dev/null --output /dev/null --output /dev/null --write-out '%{num_connects} ' " + base + "/healthz " +
               base + "/readyz " + base + "/healthz") == "1 0 0 ");
    // A body behind "Expect: 100-continue", and one that is refused before it is sent.
    CHECK(curl("--request GET --data-binary @/proc/self/exe --header 'Expect: 100-continue' --output /dev/null "
               "--write-out '%{http_code}' " +
               base + "/healthz") == "200");
    CHECK(curl("--data x=y --output /dev/null --write-out '%{http_code}' " + base + "/healthz") == "405");
}

}  // namespace curl_test
