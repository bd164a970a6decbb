#include "smtp/address.hpp"

#include <string>
#include <vector>

#include "test/catch.hpp"

namespace address_test {

using namespace postern::smtp;

namespace {

std::string repeated(const std::string& part, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += part;
    return out;
}

}  // namespace

TEST_CASE("a mailbox is read into its parts") {
    struct row {
        std::string text;
        std::string local_part;
        std::string domain;
        std::string serialised;
        std::string why;
    };
    const std::vector<row> rows{
        {"a@b", "a", "b", "a@b", "the shortest"},
        {"first.last@example.test", "first.last", "example.test", "first.last@example.test", "Dot-string"},
        {"!#$%&'*+-/=?^_`{|}~@b.c", "!#$%&'*+-/=?^_`{|}~", "b.c", "!#$%&'*+-/=?^_`{|}~@b.c", "every atext"},
        {"\"a b\"@b.c", "a b", "b.c", "\"a b\"@b.c", "Quoted-string"},
        {"\"abc\"@b.c", "abc", "b.c", "abc@b.c", "needless quotes mean nothing (4.1.2)"},
        {"\"a\\b\\ c\"@b.c", "ab c", "b.c", "\"ab c\"@b.c", "nor do needless backslashes"},
        {R"("a\"b\\c"@b.c)", R"(a"b\c)", "b.c", R"("a\"b\\c"@b.c)", "quoted quote and backslash"},
        {"\"\"@b.c", "", "b.c", "\"\"@b.c", "an empty local part exists"},
        {"\"a@b\"@c.d", "a@b", "c.d", "\"a@b\"@c.d", "a quoted at sign is local"},
        {"\".a..b.\"@c.d", ".a..b.", "c.d", "\".a..b.\"@c.d", "dots where a Dot-string may have none"},
        {"\"a>b\"@c.d", "a>b", "c.d", "\"a>b\"@c.d", "a quoted bracket ends no path"},
        {"a@EXAMPLE.Test", "a", "EXAMPLE.Test", "a@EXAMPLE.Test", "the domain as typed"},
        {"a@b.c.", "a", "b.c.", "a@b.c.", "a trailing dot is for the policy to see"},
        {"a@1.2.3.4", "a", "1.2.3.4", "a@1.2.3.4", "digits without brackets are a domain"},
        {"a@x--y.c", "a", "x--y.c", "a@x--y.c", "hyphens within a label"},
    };
    for (const auto& [text, local_part, domain, serialised, why] : rows) {
        INFO(why << ": " << text);
        const auto a = parse_mailbox(text);
        REQUIRE(a);
        CHECK(a->local_part == local_part);
        CHECK(a->domain == domain);
        CHECK(a->text == text);
        CHECK_FALSE(a->utf8);
        CHECK_FALSE(a->is_literal());
        CHECK(to_string(*a) == serialised);
    }
}

TEST_CASE("what is not a mailbox is refused") {
    struct row {
        std::string text;
        std::string why;
    };
    const std::vector<row> rows{
        {"", "nothing"},
        {"a", "no domain"},
        {"@b", "no local part"},
        {"a@", "an empty domain"},
        {".a@b", "a dot first"},
        {"a.@b", "a dot last"},
        {"a..b@c", "two dots"},
        {"a b@c", "a space outside quotes"},
        {"a(b)@c", "comments are for headers"},
        {"a@b@c", "two at signs"},
        {"\"a@b", "an open quote"},
        {"\"a\"b@c", "text behind the quotes"},
        {"a\"b\"@c", "quotes behind text"},
        {"\"a\\", "a backslash at the end"},
        {"\"a\tb\"@c", "a control character within quotes"},
        {"\"a\\\tb\"@c", "even behind a backslash"},
        {"\"a\x7f\"@c", "DEL"},
        {"a@b..c", "an empty label"},
        {"a@.b", "an empty first label"},
        {"a@b..", "two dots at the end"},
        {"a@-b.c", "a hyphen first in a label"},
        {"a@b-.c", "a hyphen last in a label"},
        {"a@b_c.d", "an underscore (4.1.2: not permitted)"},
        {"a@b.c ", "a space behind"},
        {"a@[1.2.3]", "three numbers"},
        {"a@[1.2.3.4.5]", "five numbers"},
        {"a@[1.2.3.256]", "a number over 255"},
        {"a@[1.2.3.0004]", "four digits"},
        {"a@[1.2.3.4", "an open bracket"},
        {"a@1.2.3.4]", "only a closing one"},
        {"a@[]", "nothing within"},
        {"a@[IPv6:1:2]", "half an IPv6 address"},
        {"a@[IPv6:::g]", "not hexadecimal"},
        {"a@[IPv6:fe80::1%eth0]", "a zone has no meaning elsewhere"},
        {"a@[::1]", "IPv6 without its tag"},
        {"a@[tag:]", "a tag without content"},
        {"a@[-tag-:x]", "a tag ends with a letter or digit"},
        {"a@[tag:x y]", "a space within"},
        {"a@[tag:x[y]", "a bracket within"},
        {"\xff@b", "not UTF-8"},
        {"\xc0\xaf@b", "overlong UTF-8 could hide a character"},
        {"a@\xed\xa0\x80.c", "a surrogate"},
    };
    for (const auto& [text, why] : rows) {
        INFO(why << ": " << text);
        const auto a = parse_mailbox(text);
        REQUIRE_FALSE(a);
        CHECK(a.error() == address_fault::syntax);
    }
}

TEST_CASE("an address literal gives its octets") {
    using kind = address_literal::kind;
    const std::vector<std::uint8_t> v4{192, 0, 2, 1};
    const auto a = parse_mailbox("a@[192.0.2.001]").value();
    CHECK(a.literal.type == kind::ipv4);
    CHECK(std::equal(v4.begin(), v4.end(), a.literal.octets.begin()));
    CHECK(a.domain == "[192.0.2.001]");
    CHECK(to_string(a) == "a@[192.0.2.001]");

    const auto six = parse_mailbox("a@[ipV6:2001:DB8::1]").value();
    CHECK(six.literal.type == kind::ipv6);
    CHECK(six.literal.octets == std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
    CHECK(parse_mailbox("a@[IPv6:::ffff:192.0.2.1]").value().literal.octets[12] == 192);

    CHECK(parse_mailbox("a@[x-new:any~thing]").value().literal.type == kind::general);
}

TEST_CASE("UTF-8 in an address is noticed") {
    CHECK(parse_mailbox("d\xc3\xb6rte@example.test").value().utf8);
    CHECK(parse_mailbox("a@d\xc3\xb6rte.test").value().utf8);
    CHECK(parse_mailbox("\"d\xc3\xb6 rte\"@example.test").value().local_part == "d\xc3\xb6 rte");
    CHECK(to_string(parse_mailbox("\"d\xc3\xb6rte\"@x.test").value()) == "d\xc3\xb6rte@x.test");
    CHECK_FALSE(parse_mailbox("\"\\\xc3\xb6\"@x.test"));  // quoted-pairSMTP is ASCII (RFC 6531 leaves it)
}

TEST_CASE("parts of the sizes RFC 5321 4.5.3.1 asks for are taken, and longer ones are too long") {
    const auto domain_255 = repeated(std::string(50, 'd') + ".", 5);
    REQUIRE(domain_255.size() == max_domain);
    CHECK(parse_mailbox(std::string(64, 'l') + "@" + domain_255));
    CHECK(parse_mailbox(std::string(max_local_part, 'l') + "@b"));
    CHECK(parse_mailbox("\"" + repeated("\\l", max_local_part) + "\"@b"));
    CHECK(parse_mailbox(std::string(max_local_part + 1, 'l') + "@b").error() == address_fault::too_long);
    CHECK(parse_mailbox("a@d" + domain_255).error() == address_fault::too_long);

    const auto route = repeated("@a,", 50) + "@a:";
    const auto path = "<" + route + std::string(64, 'l') + "@" + domain_255 + ">";
    CHECK(parse_forward_path(path).has_value());
    CHECK(parse_forward_path("<" + repeated("@a,", 200) + "@a:b@c>").error() == address_fault::too_long);
}

TEST_CASE("a path is read up to its bracket") {
    struct row {
        std::string text;
        std::string mailbox;
        std::size_t length;
        std::string why;
    };
    const std::vector<row> rows{
        {"<a@b>", "a@b", 5, "the rule"},
        {"<a@b> SIZE=1", "a@b", 5, "what follows is not ours"},
        {"<@x,@y.z:a@b>", "a@b", 13, "a source route is accepted and ignored"},
        {"<@x:a@b>", "a@b", 8, "of one host too"},
        {"<\"a>b\"@c>", "\"a>b\"@c", 9, "a quoted bracket"},
    };
    for (const auto& [text, mailbox, length, why] : rows) {
        INFO(why << ": " << text);
        for (const auto& path : {parse_reverse_path(text), parse_forward_path(text)}) {
            REQUIRE(path);
            CHECK(path->value.text == mailbox);
            CHECK(path->length == length);
            CHECK_FALSE(path->value.is_null());
        }
    }
}

TEST_CASE("what is not a path is refused in both directions") {
    for (const std::string text : {"", "a@b", "<a@b", "a@b>", "< a@b>", "<a@b >", "<<a@b>>", "<@x a@b>", "<@x,:a@b>", "<@:a@b>",
                                   "<@x:>", "<@x>", "<a>", "<\"a\">", "< >", "<@x,y:a@b>"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_reverse_path(text));
        CHECK_FALSE(parse_forward_path(text));
    }
}

TEST_CASE("only a sender may be null and only a recipient may be a bare postmaster") {
    const auto null = parse_reverse_path("<> SIZE=1");
    REQUIRE(null);
    CHECK(null->value.is_null());
    CHECK(null->length == 2);
    CHECK(to_string(null->value).empty());
    CHECK_FALSE(parse_forward_path("<>"));

    const auto postmaster = parse_forward_path("<PostMaster> X");
    REQUIRE(postmaster);
    CHECK(postmaster->value.local_part == "PostMaster");
    CHECK(postmaster->value.domain.empty());
    CHECK_FALSE(postmaster->value.is_null());
    CHECK(postmaster->length == 12);
    CHECK(to_string(postmaster->value) == "PostMaster");
    CHECK_FALSE(parse_reverse_path("<postmaster>"));
    CHECK(parse_forward_path("<postmaster@b>")->value.domain == "b");
}

TEST_CASE("a local part that leads elsewhere is recognised") {
    CHECK(is_route_like("user%other.test"));
    CHECK(is_route_like("other.test!user"));
    CHECK(is_route_like("user@other.test"));
    CHECK_FALSE(is_route_like("user+tag"));
    CHECK_FALSE(is_route_like("first.last"));
}

}  // namespace address_test
