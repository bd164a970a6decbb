#include "net/tls_certificate.hpp"

#include <array>
#include <atomic>
#include <fstream>
#include <thread>

#include "certificates.hpp"
#include "net/errc.hpp"
#include "test/catch.hpp"

namespace tls_certificate_test {

namespace net = postern::net;
using net::tls_certificate;
using postern::test::certificate_for;
using postern::test::certificate_time;
using postern::test::temporary_folder;

namespace {

// openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:secret
constexpr auto locked_key = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiNQ83npGfS4AICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEEmTtP6s9S0erdAjSDIeVR4EgZCs
+GE56fqaA242qo9QZ8HWepUj3tSwh0vDWOr5AHYWnTmdECtBd0G1/dNeoAuZhlce
m1+3K0NaIHXi0ALHtNzMVZW9HW6ImAexjd38CfRzfcO57Qe32k6T3aMy+EmS+BRq
XzCbcQHqaKKZKmw3dhqpT00SqN3pQClhMcsCcsQUVFkFzZkmmlZJZHdY0R1BAm0=
-----END ENCRYPTED PRIVATE KEY-----
)";

// openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=weak.example.test
constexpr auto weak_certificate = R"(-----BEGIN CERTIFICATE-----
MIICFjCCAX+gAwIBAgIUaaaIszqGgX9aaMst4AbHiY59no0wDQYJKoZIhvcNAQEL
BQAwHDEaMBgGA1UEAwwRd2Vhay5leGFtcGxlLnRlc3QwIBcNMjYxMTIzMDgzODUy
WhgPMjEyNjEwMzAwODM4NTJaMBwxGjAYBgNVBAMMEXdlYWsuZXhhbXBsZS50ZXN0
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC8ZPwsUV6r3IwaCGal+tUgZwMq
5n9vk9RcrufykssOXOMbkD86LUnIMW2vqKdnG/3Wf1oXzX0g6PzaHkNpBVQUhx7p
3+2BGqTuJ3ajlL/5itIGU5DQQ6Vi6kAO0i1cUP6HoHv8ET5YUGOwV8QfZ6lYzVSR
qDmuBr69qyYEHWMNFQIDAQABo1MwUTAdBgNVHQ4EFgQUmmZ6B4gPyKmT++xZVNzz
ZbJ1BKcwHwYDVR0jBBgwFoAUmmZ6B4gPyKmT++xZVNzzZbJ1BKcwDwYDVR0TAQH/
BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOBgQCFSuOPwzzn8rCCtcvpXXJIKKOt9pEv
y+xlbcW+8uVRasssArrbCkOKleQNMun1uvaXmXw9tki1KNTQZ3fp2s/5pB6mMH+B
hWYYyv5ewa+Iw9EZhdXrJAKwZSQBqP/Nx0/jARcDFRdmLQjFGR2/R5rhA7kctvjh
uEO/x+uVn4fqnA==
-----END CERTIFICATE-----
)";
constexpr auto weak_key = R"(-----BEGIN PRIVATE KEY-----
MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBALxk/CxRXqvcjBoI
ZqX61SBnAyrmf2+T1Fyu5/KSyw5c4xuQPzotScgxba+op2cb/dZ/WhfNfSDo/Noe
Q2kFVBSHHunf7YEapO4ndqOUv/mK0gZTkNBDpWLqQA7SLVxQ/oege/wRPlhQY7BX
xB9nqVjNVJGoOa4Gvr2rJgQdYw0VAgMBAAECgYBwucQiCHYrQ4YZNZmmCxZnkvvU
OaNa8guJgaaMAMW7TF0f6wnKF7skLF9DUhkImzkhlYYk4/HRNVfGc4FGX8fUkSJN
fwBTRXs0TKdSP4EkdW2iIGd4hyVK+QmfZSETFaBrK42anHZTSJA04sNKx9afWwqr
BMrQNSarJjJzibvRqQJBAOvWNDlNeGjc40VCaq+gsge3wpFNYtsoKXmoTsRMXXk8
2YtvUhIte1kcuCI4ItEUThThFngela3Mkk+Er3bAY/MCQQDMgGedyXlE9wV9/1MA
s518YLvdq/cV6FbyC3ELRw6mU+HWr6/scOwDq9XJJmwzjVSpeZ4Nbb/qY+3hyfo7
p3TXAkEAj0lDzZT+FWgvRUNHIpHV2M6TDkkgSNsr59iUkrt7B1ArNIZcLOMpUEkc
rt3AeZuGnTTsu+qJMmFae6m4GcRmdQJAdotAhUDTIV0oO9+T1+ZGtmDExjz3ICXs
sKZdQzJPla8uTOrOyfqzdXVYmh/BvSiCGTO8oQArrc17idUxTv9FRQJBAOAyDK0z
E3kdYZ2ZVe+RRZZ3sIDW6wCPKL/GZTYOO5YW5+kOvN5RxhyuDP7CHWnFBTcys+8T
idadwaBWibeGx5s=
-----END PRIVATE KEY-----
)";

// As above with a key of P-256, no subjectAltName
constexpr auto bare_certificate = R"(-----BEGIN CERTIFICATE-----
MIIBjzCCATWgAwIBAgIUdUr1p2HxmjV/G4zDBy1UcQE+GMIwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRQmFyZS5leGFtcGxlLnRlc3QwIBcNMjYxMTIzMDgzODUyWhgP
MjEyNjEwMzAwODM4NTJaMBwxGjAYBgNVBAMMEUJhcmUuZXhhbXBsZS50ZXN0MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEd4/alA/nf3n1QZqExvL7DNenYPnHjzH8
dpnTS4DypGPt5Potp0ne7KhXDh/kggTYI8nXLPuUtW9i+FfzypuVSKNTMFEwHQYD
VR0OBBYEFOAtgPqwOTpS+QlETqUp6Ig6ZWuKMB8GA1UdIwQYMBaAFOAtgPqwOTpS
+QlETqUp6Ig6ZWuKMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
OmMkn3z0Q3SM7Guv4AzE+YRGOwkSouCUdGoO7WPwGFwCIQC+qBGaIwTY1OZNT3bN
d6iYW0CkeZg/5AQ8qVHKDDykOw==
-----END CERTIFICATE-----
)";
constexpr auto bare_key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIq/a2BCnScLJrF2Y
1OsslYxuxCXE8QWq1Xu7Gi3G6TKhRANCAAR3j9qUD+d/efVBmoTG8vsM16dg+ceP
Mfx2mdNLgPKkY+3k+i2nSd7sqFcOH+SCBNgjydcs+5S1b2L4V/PKm5VI
-----END PRIVATE KEY-----
)";

void write(const std::filesystem::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

}  // namespace

TEST_CASE("a certificate made by ourselves is for one host, for ten years, and loads again") {
    const temporary_folder folder;
    const auto made = net::make_self_signed_certificate("mx.example.test", certificate_time);
    write(folder / "own.crt", made.certificate);
    write(folder / "own.key", made.private_key);
    const auto loaded = tls_certificate::load(folder / "own.crt", folder / "own.key");
    REQUIRE(loaded);
    CHECK(loaded->names() == std::vector<std::string>{"mx.example.test"});
    CHECK(loaded->valid_from() == certificate_time - std::chrono::days(1));
    CHECK(loaded->valid_until() == certificate_time + std::chrono::days(3653));
    const auto again = net::make_self_signed_certificate("mx.example.test", certificate_time);
    CHECK(again.private_key != made.private_key);
}

TEST_CASE("a file that holds both is one pair, whoever puts another in its place meanwhile") {
    const temporary_folder folder;
    const std::array made{net::make_self_signed_certificate("mx.example.test", certificate_time),
                          net::make_self_signed_certificate("mx.example.test", certificate_time)};
    const auto put = [&](const net::pem_pair& pair) {
        write(folder / "new.pem", pair.private_key + pair.certificate);
        std::filesystem::rename(folder / "new.pem", folder / "own.pem");
    };
    put(made[0]);
    std::atomic<bool> done = false;
    std::thread another([&] {
        for (std::size_t i = 1; !done; ++i) put(made[i % 2]);
    });
    std::string wrong;
    for (int i = 0; i < 300 && wrong.empty(); ++i) {
        const auto loaded = tls_certificate::load(folder / "own.pem", folder / "own.pem");
        if (!loaded) wrong = loaded.error().message();
    }
    done = true;
    another.join();
    CHECK(wrong.empty());
}

TEST_CASE("a host's name that is too long for a common name stands in the certificate all the same") {
    const auto host = std::string(60, 'a') + '.' + std::string(60, 'b') + ".example.test";
    CHECK(certificate_for(host).names() == std::vector<std::string>{host});
}

TEST_CASE("what is wrong with a certificate or key is said with its file") {
    const temporary_folder folder;
    const auto good = net::make_self_signed_certificate("mx.example.test", certificate_time);
    const auto other = net::make_self_signed_certificate("mx.example.test", certificate_time);
    write(folder / "good.crt", good.certificate);
    write(folder / "good.key", good.private_key);
    write(folder / "other.key", other.private_key);
    std::filesystem::create_directory(folder / "folder");
    write(folder / "empty", "");
    write(folder / "text", "hello\n");
    write(folder / "torn.crt", good.certificate.substr(0, 300));
    write(folder / "broken.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    write(folder / "half.crt", good.certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    write(folder / "locked.key", locked_key);
    write(folder / "weak.crt", weak_certificate);
    write(folder / "weak.key", weak_key);
    write(folder / "large", std::string(1'100'000, 'x'));
    struct row {
        const char* chain;
        const char* key;
        std::string said;
    };
    const auto c = GENERATE(values<row>({
        {"absent.crt", "good.key", "absent.crt cannot be read: No such file or directory"},
        {"good.crt", "absent.key", "absent.key cannot be read: No such file or directory"},
        {"folder", "good.key", "folder cannot be read: Is a directory"},
        {"empty", "good.key", "empty is empty"},
        {"large", "good.key", "large is larger than 1 MiB"},
        {"text", "good.key", "text holds no certificate in PEM form"},
        {"good.key", "good.key", "good.key holds no certificate in PEM form"},
        {"torn.crt", "good.key", "torn.crt holds a certificate that cannot be read: bad end line"},
        {"broken.crt", "good.key", "broken.crt holds a certificate that cannot be read:"},
        {"half.crt", "good.key", "half.crt holds a certificate that cannot be read:"},  // its issuer is not left out in silence
        {"good.crt", "good.crt", "good.crt holds no private key in PEM form"},
        {"good.crt", "locked.key", "locked.key is encrypted; a server needs its key without a passphrase"},
        {"good.crt", "other.key", "other.key is not the private key of the certificate in good.crt"},
        {"weak.crt", "weak.key", "weak.crt is of no use: ee key too small"},
    }));
    const auto loaded = tls_certificate::load(folder / c.chain, folder / c.key);
    REQUIRE_FALSE(loaded);
    CHECK(loaded.error().code == net::errc::bad_certificate);
    auto said = loaded.error().detail;
    for (auto at = said.find(folder.prefix()); at != std::string::npos; at = said.find(folder.prefix()))
        said.erase(at, folder.prefix().size());
    CHECK(said.substr(0, c.said.size()) == c.said);
}

TEST_CASE("without subjectAltName the common name counts") {
    const auto loaded = tls_certificate::parse(bare_certificate, bare_key, "chain", "key");
    REQUIRE(loaded);
    CHECK(loaded->names() == std::vector<std::string>{"bare.example.test"});
}

TEST_CASE("a wildcard stands for exactly one label") {
    const auto c = GENERATE(table<std::string, std::string, bool, bool>({
        // name                 host                   itself  wildcard
        {"mx.example.test", "mx.example.test", true, false},
        {"mx.example.test", "MX.Example.TEST", true, false},  // names are compared without case
        {"MX.example.test", "mx.example.test", true, false},
        {"mx.example.test", "mx.example.tes", false, false},
        {"*.example.test", "mx.example.test", false, true},
        {"*.example.test", "a.mx.example.test", false, false},  // RFC 6125 6.4.3: not for two
        {"*.example.test", "example.test", false, false},       // nor for none
        {"*.example.test", ".example.test", false, false},
        {"*.example.test", "*.example.test", true, true},
        {"*.example.test", "", false, false},
    }));
    const auto& [name, host, itself, wildcard] = c;
    const auto made = certificate_for(name);
    CAPTURE(name, host);
    CHECK(made.names_host(host) == itself);
    CHECK(made.names_wildcard_of(host) == wildcard);
}

}  // namespace tls_certificate_test
