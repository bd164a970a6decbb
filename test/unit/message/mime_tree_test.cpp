#include "message/mime_tree.hpp"

#include <chrono>
#include <string>
#include <vector>

#include "message/structure.hpp"
#include "sample.hpp"

namespace mime_tree_test {

using namespace postern;
using namespace postern::message;
using message::test::content_of;
using message::test::crlf;
using message::test::distant_content;

namespace {

using part_number = std::vector<std::uint32_t>;

std::string slice(std::string_view octets, std::uint64_t begin, std::uint64_t end) {
    REQUIRE(begin <= end);
    REQUIRE(end <= octets.size());
    return std::string(octets.substr(begin, end - begin));
}

std::string header_in(std::string_view octets, const mime_node& n) { return slice(octets, n.header_begin, n.body_begin); }
std::string body_in(std::string_view octets, const mime_node& n) { return slice(octets, n.body_begin, n.body_end); }

/// One line per node, indented: "text/plain [body]"; the bodies of what has parts are left out.
void append_outline(const mime_node& n, std::string_view octets, std::string& out, std::size_t indent = 0) {
    out += std::string(indent, ' ') + n.type + '/' + n.subtype;
    if (n.children.empty()) out += " [" + body_in(octets, n) + ']';
    out += '\n';
    for (const auto& child : n.children) append_outline(child, octets, out, indent + 1);
}

std::string outline(const std::string& octets) {
    std::string near;
    std::string far;
    append_outline(read_tree(core::memory_content(octets)), octets, near);
    append_outline(read_tree(distant_content(octets)), octets, far);
    CHECK(near == far);
    return near;
}

/// The same of `structure`, for messages without messages in them.
std::string structure_outline(const std::string& octets) {
    const core::memory_content content(octets);
    octet_window window(content);
    const auto walked = walk(window);
    std::string lines;
    for (const auto& p : walked.parts()) {
        for (auto above = p.parent; above != part::no_parent; above = walked.parts()[above].parent) lines += ' ';
        lines += p.type + '/' + p.subtype;
        if (!p.opened) lines += " [" + slice(octets, p.body.begin, p.body.end) + ']';
        lines += '\n';
    }
    return lines;
}

std::string mixed(std::string_view body) { return crlf("Content-Type: multipart/mixed; boundary=b\n\n") + crlf(body); }

std::size_t count_nodes(const mime_node& n) {
    std::size_t nodes = 1;
    for (const auto& child : n.children) nodes += count_nodes(child);
    return nodes;
}

std::size_t count_levels(const mime_node& n) {
    std::size_t below = 0;
    for (const auto& child : n.children) below = std::max(below, count_levels(child));
    return below + 1;
}

/// RFC 9051 6.4.5.1: its example of a complex message.
const std::string complex_message = crlf(
    "Subject: outermost\nContent-Type: multipart/mixed; boundary=b0\n\npreamble\n"
    "--b0\nX: 1\n\none\n"
    "--b0\nContent-Type: application/octet-stream\n\ntwo\n"
    "--b0\nContent-Type: message/rfc822\nX: 3\n\n"
    "Subject: three\nContent-Type: multipart/mixed; boundary=b3\n\n"
    "--b3\n\nthree one\n--b3\nContent-Type: application/octet-stream\n\nthree two\n--b3--\nepilogue of three\n"
    "--b0\nContent-Type: multipart/mixed; boundary=b4\n\n"
    "--b4\nContent-Type: image/gif\n\nfour one\n"
    "--b4\nContent-Type: message/rfc822\n\n"
    "Subject: four two\nContent-Type: multipart/mixed; boundary=b42\n\n"
    "--b42\n\nfour two one\n"
    "--b42\nContent-Type: multipart/alternative; boundary=b422\n\n"
    "--b422\n\nfour two two one\n--b422\nContent-Type: text/richtext\n\nfour two two two\n--b422--\n"
    "--b42--\n"
    "--b4--\n"
    "--b0--\nepilogue\n");

}  // namespace

TEST_CASE("section numbers find what RFC 9051's example says") {
    const auto root = read_tree(core::memory_content(complex_message));
    const auto [number, type, body] = GENERATE(table<part_number, std::string, std::string>({
        {{1}, "text/plain", "one"},
        {{2}, "application/octet-stream", "two"},
        {{3, 1}, "text/plain", "three one"},
        {{3, 2}, "application/octet-stream", "three two"},
        {{4, 1}, "image/gif", "four one"},
        {{4, 2, 1}, "text/plain", "four two one"},
        {{4, 2, 2, 1}, "text/plain", "four two two one"},
        {{4, 2, 2, 2}, "text/richtext", "four two two two"},
    }));
    const auto* found = find_part(root, number);
    REQUIRE(found != nullptr);
    CHECK(found->type + '/' + found->subtype == type);
    CHECK(body_in(complex_message, *found) == crlf(body));
}

TEST_CASE("of an enclosed message the number finds the part, and its one child is the message") {
    const auto root = read_tree(core::memory_content(complex_message));
    CHECK(find_part(root, {}) == &root);
    CHECK(header_in(complex_message, root) == crlf("Subject: outermost\nContent-Type: multipart/mixed; boundary=b0\n\n"));
    CHECK(root.body_end == complex_message.size());
    CHECK(body_in(complex_message, root).ends_with("--b0--\r\nepilogue\r\n"));

    const auto* three = find_part(root, part_number{3});
    REQUIRE(three != nullptr);
    REQUIRE(three->is_message());
    CHECK(three->envelope->subject == "three");
    CHECK(header_in(complex_message, *three) == crlf("Content-Type: message/rfc822\nX: 3\n\n"));
    REQUIRE(three->children.size() == 1);
    const auto& inner = three->children.front();
    CHECK(inner.type == "multipart");
    CHECK(header_in(complex_message, inner) == crlf("Subject: three\nContent-Type: multipart/mixed; boundary=b3\n\n"));
    CHECK(inner.header_begin == three->body_begin);
    CHECK(inner.body_end == three->body_end);
    CHECK(body_in(complex_message, inner).ends_with("--b3--\r\nepilogue of three"));
    CHECK(three->lines == 11);

    const auto* four = find_part(root, part_number{4});
    REQUIRE(four != nullptr);
    CHECK(body_in(complex_message, *four).ends_with("--b42--\r\n--b4--"));
    CHECK(find_part(root, part_number{4, 2})->envelope->subject == "four two");
}

TEST_CASE("numbers of parts that are not there find nothing") {
    const auto root = read_tree(core::memory_content(complex_message));
    const auto number = GENERATE(values<part_number>({{0},
                                                      {5},
                                                      {0xffffffff},
                                                      {1, 1},
                                                      {1, 0},
                                                      {2, 1},
                                                      {3, 0},
                                                      {3, 3},
                                                      {3, 1, 1},
                                                      {4, 3},
                                                      {4, 2, 3},
                                                      {4, 2, 2, 3},
                                                      {4, 1, 1}}));
    CHECK(find_part(root, number) == nullptr);
}

TEST_CASE("what is no multipart has a part 1, its body") {
    const auto text = read_tree(content_of("Subject: x\n\nhello\n"));
    CHECK(find_part(text, part_number{1}) == &text);
    CHECK(find_part(text, part_number{2}) == nullptr);
    CHECK(find_part(text, part_number{0}) == nullptr);
    CHECK(find_part(text, part_number{1, 1}) == nullptr);

    // A message that is nothing but another message, and that one another.
    const auto nested =
        read_tree(content_of("Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: x\n\nhi\n"));
    const auto& inner = nested.children.at(0);
    CHECK(find_part(nested, part_number{1}) == &nested);
    CHECK(find_part(nested, part_number{2}) == nullptr);
    CHECK(find_part(nested, part_number{1, 1}) == &inner);
    CHECK(find_part(nested, part_number{1, 1, 1}) == &inner.children.at(0));
    CHECK(find_part(nested, part_number{1, 1, 2}) == nullptr);
    CHECK(find_part(nested, part_number{1, 1, 1, 1}) == nullptr);
}

TEST_CASE("a message within a message within a part ends where the part ends") {
    CHECK(outline(mixed("--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n"
                        "--c\nContent-Type: message/global\n\nSubject: x\n\nhi\n--b\n\nlast\n--b--\n")) ==
          "multipart/mixed\n message/rfc822\n  multipart/mixed\n   message/global\n    text/plain [hi]\n text/plain [last]\n");
    CHECK(outline(crlf("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: 1\n\none\n"
                       "--b\nContent-Type: text/html\n\ntwo\n--b\n\n--b--\n")) ==
          "multipart/digest\n message/rfc822\n  text/plain [one]\n text/html [two]\n message/rfc822\n  text/plain []\n");
    CHECK(outline("Content-Type: message/rfc822") == "message/rfc822\n text/plain []\n");
}

TEST_CASE("a header that a delimiter cuts short lies within its message") {
    const auto octets = mixed("--b\nContent-Type: message/rfc822\n\nSubject: x\n--b--\n");
    const auto root = read_tree(core::memory_content(octets));
    const auto& message = root.children.at(0);
    CHECK(body_in(octets, message) == "Subject: x");
    CHECK(header_in(octets, message.children.at(0)) == "Subject: x");
    CHECK(body_in(octets, message.children.at(0)) == "");
    CHECK(message.envelope->subject == "x");
}

TEST_CASE("a tree is made of the parts that others see") {
    const auto octets = GENERATE(values<std::string>({
        "",
        "\r\n",
        crlf("Subject: x\n\nhello\n"),
        mixed("preamble\n--b\n\none\n--b\nContent-Type: image/png\n\ntwo\n--b--\nepilogue\n"),
        mixed("--b  \t\n\none\n--b-- \n"),
        mixed("--b\n\none\n--bc\n--b---\n --b\nx--b\n--b--"),
        mixed("--b\n\none\n"),             // never closed
        mixed("--b\n--b\nX: y\n--b--\n"),  // no body, no empty line
        mixed("--b\n\n--b\n\n--b--\n"),    // empty parts
        mixed("no delimiter at all\n"),
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n",
        crlf("Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n"),  // no boundary
        mixed("--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n"),
        mixed("--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n"),
        mixed("--b\nContent-Type: multipart/mixed; boundary=c\n\nnothing\n--b--\n"),
    }));
    INFO(octets);
    CHECK(outline(octets) == structure_outline(octets));
}

TEST_CASE("what calls itself multipart and is not has the parameters of text") {
    for (const auto* const octets : {"Content-Type: multipart/mixed; boundary=b\n\nx\n", "Content-Type: multipart/mixed\n\nx\n",
                                     "Subject: no type\n\nx\n", "Content-Type: nonsense; name=x\n\nx\n"}) {
        INFO(octets);
        const auto root = read_tree(content_of(octets));
        CHECK(root.type + '/' + root.subtype == "text/plain");
        CHECK(root.parameters == mime_parameters{{"charset", "us-ascii"}});
        CHECK(root.lines == 1);
    }
    CHECK(read_tree(content_of("Content-Type: text/plain\n\nx\n")).parameters.empty());
    CHECK(read_tree(content_of("Content-Type: text; charset=utf-8\n\nx\n")).parameters ==
          mime_parameters{{"charset", "utf-8"}});
}

TEST_CASE("the fields of a part are told as they stand") {
    const auto root = read_tree(
        content_of("Content-Type: Text/HTML; Charset=\"UTF-8\";\n name=\"=?utf-8?Q?=C3=A4?=.html\"\nContent-ID: <1@x>\n"
                   "Content-Description: a\n  description\nContent-Transfer-Encoding: Quoted-Printable (sic)\n"
                   "Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\nContent-Disposition: ATTACHMENT; filename*=utf-8''%c3%a4.html\n"
                   "Content-Language: de, en-GB\nContent-Location: http://example.org/\n\n1\n2\n3"));
    CHECK(root.type == "text");
    CHECK(root.subtype == "html");
    CHECK(root.parameters == mime_parameters{{"charset", "UTF-8"}, {"name", "=?utf-8?Q?=C3=A4?=.html"}});
    CHECK(root.id == "<1@x>");
    CHECK(root.description == "a description");
    CHECK(root.encoding == "Quoted-Printable");
    CHECK(root.md5 == "Q2hlY2sgSW50ZWdyaXR5IQ==");
    CHECK(root.disposition == "attachment");
    CHECK(root.disposition_parameters == mime_parameters{{"filename*", "utf-8''%c3%a4.html"}});
    CHECK(root.languages == std::vector<std::string>{"de", "en-GB"});
    CHECK(root.location == "http://example.org/");
    CHECK(root.lines == 2);

    const auto plain = read_tree(content_of("Content-Transfer-Encoding: " + std::string(100, 'x') + "\n\n"));
    CHECK(plain.encoding == std::string(64, 'x'));
    CHECK(read_tree(content_of("Content-Transfer-Encoding: " + std::string(63, 'x') + "€\n\n")).encoding ==
          std::string(63, 'x'));
    CHECK(read_tree(content_of("\n")).encoding == "7bit");
    CHECK(plain.id == std::nullopt);
    CHECK(plain.disposition == std::nullopt);
    CHECK(plain.languages.empty());
}

TEST_CASE("an encoded message is told of as a whole") {
    const auto root =
        read_tree(content_of("Content-Type: message/rfc822; name=x\nContent-Transfer-Encoding: base64\n\nWDogeQ==\n"));
    CHECK(root.type + '/' + root.subtype == "application/octet-stream");
    CHECK(root.encoding == "base64");
    CHECK(root.parameters == mime_parameters{{"name", "x"}});
    CHECK(root.children.empty());
    CHECK(!root.is_message());
    CHECK(find_part(root, part_number{1}) == &root);
}

TEST_CASE("lines are those of each body, however messages lie within each other") {
    const auto root = read_tree(content_of(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: image/png\n\n1\n2\n3\n"
        "--b\nContent-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nA: 1\n\n1\n2\n3\n--b\n\n--b\n\n1\n\n--b--\n"));
    REQUIRE(root.children.size() == 4);
    CHECK(root.children[0].lines == 0);
    CHECK(root.children[1].lines == 6);
    CHECK(root.children[1].children.at(0).lines == 4);
    CHECK(root.children[1].children.at(0).children.at(0).lines == 2);
    CHECK(root.children[2].lines == 0);
    CHECK(root.children[3].lines == 1);
}

TEST_CASE("a million empty parts are a thousand nodes, and what follows them is still found") {
    std::string octets = mixed("--b\nContent-Type: multipart/mixed; boundary=c\n\n");
    for (int i = 0; i < 1'000'000; ++i) octets += "--c\r\n\r\n";
    octets += "--c--\r\nepilogue\r\n--b--\r\nend\r\n";
    const auto root = read_tree(core::memory_content(octets));
    CHECK(count_nodes(root) == 1000);
    REQUIRE(root.children.size() == 1);
    CHECK(body_in(octets, root.children.front()).ends_with("--c--\r\nepilogue"));
    CHECK(root.body_end == octets.size());
    CHECK(find_part(root, part_number{1, 998}) != nullptr);
    CHECK(find_part(root, part_number{1, 999}) == nullptr);
    CHECK(body_in(octets, *find_part(root, part_number{1, 998})).empty());
}

TEST_CASE("a container for whose parts there is no room is opaque") {
    std::string octets = mixed("");
    for (int i = 0; i < 998; ++i) octets += "--b\r\n\r\n";
    const auto [last, expected] = GENERATE(table<std::string, std::string>({
        {"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n", "application/octet-stream"},
        {"Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx\r\n", "application/octet-stream"},
        {"Content-Type: image/png\r\n\r\nx\r\n", "image/png"},
    }));
    octets += "--b\r\n" + last + "--b\r\n\r\nbeyond\r\n--b--\r\n";
    const auto root = read_tree(core::memory_content(octets));
    CHECK(count_nodes(root) == 1000);
    const auto& node = root.children.back();
    CHECK(node.type + '/' + node.subtype == expected);
    CHECK(node.children.empty());
    CHECK(!node.is_message());
    CHECK(body_in(octets, node) == last.substr(last.find("\r\n\r\n") + 4, last.size() - last.find("\r\n\r\n") - 6));
}

TEST_CASE("ten thousand messages within each other are fifty levels, and cost their length a few times") {
    class counting_content final : public core::content {
    public:
        explicit counting_content(std::string octets) : octets_(std::move(octets)) {}
        [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }
        std::size_t read(std::uint64_t offset, std::span<char> into) const override {
            const auto n = octets_.read(offset, into);
            octets_read += n;
            return n;
        }
        mutable std::uint64_t octets_read = 0;

    private:
        core::memory_content octets_;
    };
    const auto [unit, expected_levels] = GENERATE(table<std::string, std::size_t>({
        {"Content-Type: message/rfc822\r\n\r\n", 50},
        {"Content-Type: multipart/mixed; boundary=b%\r\n\r\n--b%\r\n", 50},
        {"Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=b%\r\n\r\n--b%\r\n", 50},
    }));
    std::string octets;
    for (int i = 0; i < 10'000; ++i) {
        auto level = unit;
        for (auto at = level.find('%'); at != std::string::npos; at = level.find('%')) level.replace(at, 1, std::to_string(i));
        octets += level;
    }
    octets += "\r\n";
    for (int i = 0; i < 100'000; ++i) octets += "-- a line\r\n";
    const counting_content content(octets);
    const auto root = read_tree(content);
    CHECK(count_levels(root) == expected_levels);
    CHECK(count_nodes(root) == expected_levels);
    CHECK(content.octets_read < 6 * octets.size());
    const auto* deepest = &root;
    while (!deepest->children.empty()) deepest = &deepest->children.front();
    CHECK(deepest->type == "application");
    CHECK(deepest->body_end == octets.size());
}

TEST_CASE("the texts of a tree are bounded all together") {
    std::string octets = mixed("");
    const std::string name(15'000, 'x');
    for (int i = 0; i < 300; ++i)
        octets += "--b\r\nContent-Type: application/x-a; name=" + name + "\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    const auto root = read_tree(core::memory_content(octets));
    REQUIRE(root.children.size() == 300);
    CHECK(root.children.front().parameters == mime_parameters{{"name", name}});
    CHECK(root.children.back().parameters.empty());
    CHECK(root.children.back().subtype == "x-a");
    CHECK(root.children.back().encoding == "base64");
}

}  // namespace mime_tree_test
